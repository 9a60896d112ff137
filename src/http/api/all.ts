import { compareEndpoints } from './compare.ts'
import { coneEndpoints } from './cone.ts'
import { downloadEndpoints } from './downloads.ts'
import type { Endpoint } from './endpoint.ts'
import { feedEndpoints } from './feeds.ts'
import { historyEndpoints } from './history.ts'
import { peopleEndpoints } from './people.ts'
import { pipelineEndpoints } from './pipelines.ts'
import { processEndpoints } from './processes.ts'
import { productContentEndpoints } from './product-contents.ts'
import { productDownloadEndpoints } from './product-downloads.ts'
import { productFileEndpoints } from './product-files.ts'
import { productTransferEndpoints } from './product-transfer.ts'
import { productTypeEndpoints } from './product-types.ts'
import { productEndpoints } from './products.ts'
import { proofEndpoints } from './proof.ts'
import { provenanceEndpoints } from './provenance.ts'
import { releaseEndpoints } from './releases.ts'

/** Every endpoint of the JSON API. */
export const allEndpoints: readonly Endpoint[] = [
  ...productEndpoints,
  ...productFileEndpoints,
  ...productContentEndpoints,
  ...coneEndpoints,
  ...downloadEndpoints,
  ...productDownloadEndpoints,
  ...productTypeEndpoints,
  ...releaseEndpoints,
  ...pipelineEndpoints,
  ...processEndpoints,
  ...peopleEndpoints,
  ...proofEndpoints,
  ...provenanceEndpoints,
  ...compareEndpoints,
  ...historyEndpoints,
  ...feedEndpoints,
  ...productTransferEndpoints,
]
