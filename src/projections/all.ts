import { columnsProjection } from './columns/projection.ts'
import { filesProjection } from './files/projection.ts'
import { historyProjection } from './history/projection.ts'
import { ledgerProjection } from './ledger/projection.ts'
import { lineageProjection } from './lineage/projection.ts'
import { peopleProjection } from './people/projection.ts'
import { productsProjection } from './products/projection.ts'
import type { Projection } from './projection.ts'
import { releasesProjection } from './releases/projection.ts'
import { runsProjection } from './runs/projection.ts'

/** Every read model of the program. A rebuild deals them out in this order: those with much to do come first, apart. */
export const allProjections: readonly Projection[] = [
  productsProjection,
  filesProjection,
  columnsProjection,
  peopleProjection,
  historyProjection,
  releasesProjection,
  ledgerProjection,
  runsProjection,
  lineageProjection,
]
