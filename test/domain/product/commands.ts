import * as fc from 'fast-check'
import { type Actor, SYSTEM } from '../../../src/domain/actor.ts'
import type { ProductCommand } from '../../../src/domain/product/commands.ts'
import { PRODUCT_TYPE_NAMES } from '../../../src/domain/product/product-type.ts'
import { admin, alice, attach, blob, bob, noTable, register, table } from './samples.ts'

const actor: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(alice) },
  { weight: 2, arbitrary: fc.constant(admin) },
  { weight: 1, arbitrary: fc.constantFrom(bob, SYSTEM) },
)
const columnNames = fc.array(fc.constantFrom('RA', 'Dec', 'z', 'id', 'mag'), { minLength: 1, maxLength: 6 })
const inspection = fc.oneof(
  { weight: 5, arbitrary: columnNames.map((names) => table(names)) },
  { weight: 1, arbitrary: fc.constant(noTable) },
)
const alias = fc.constantFrom('RA', 'ra', 'Dec', 'DEC', 'z', 'Z', 'mine', 'Mine', '', null)
const role = fc.constantFrom('main', 'main', 'auxiliary', 'description')
const small = fc.integer({ min: 1, max: 12 })
const release = fc.constantFrom(null, { id: 1, displayName: 'DP1' }, { id: 2, displayName: 'DP2' })
const text = fc.constantFrom(undefined, null, '', 'one', 'two', ' two ')

/** Any command on a product that is there; numbers of files and columns are given by `numbered`. */
const command: fc.Arbitrary<ProductCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        by: actor,
        role,
        name: fc.constantFrom('a.csv', 'b.csv', ' a.csv'),
        replace: fc.boolean(),
        inspection,
        n: small,
      })
      .map(({ n, inspection, ...rest }) =>
        attach({ ...rest, blob: blob(n), inspection: rest.role === 'main' ? inspection : null }),
      ),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RemoveFile'), by: actor, fileId: small }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RecordInspection'), by: actor, fileId: small, inspection }) },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        type: fc.constant('AssociateColumn'),
        by: actor,
        columnId: small,
        alias,
        ucd: fc.constantFrom('', 'src.redshift'),
      },
      { requiredKeys: ['type', 'by', 'columnId', 'alias'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        by: actor,
        displayName: text,
        description: text,
        pzCode: text,
        release,
        productType: fc.option(fc.constantFrom(...PRODUCT_TYPE_NAMES), { nil: undefined, freq: 2 }),
      })
      .map(({ by, ...fields }): ProductCommand => {
        const metadata = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
        return { type: 'EditMetadata', by, metadata }
      }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('MarkOfficial'),
      by: fc.constantFrom(admin, alice),
      official: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'PublishProduct',
        'PublishProduct',
        'PublishProduct',
        'DeleteProduct',
        'RestoreProduct',
        'RestoreProduct',
      ),
      by: actor,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('FailProcessing'), by: actor, reason: fc.constant('No rows.') }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('PurgeProduct'), by: fc.constant(admin) }) },
)

/**
 * A life of a product: it is registered, and then anything may be tried. Files are numbered from 1 and columns too, upwards, as the
 * server numbers them; `offset` keeps those of several products apart.
 */
export const life: fc.Arbitrary<readonly ProductCommand[]> = fc
  .record({
    type: fc.constantFrom(...PRODUCT_TYPE_NAMES, 'redshift_catalog', 'training_set'),
    status: fc.constantFrom('registering', 'registering', 'processing'),
    commands: fc.array(command, { minLength: 1, maxLength: 30 }),
  })
  .map(({ type, status, commands }) => [register({ productType: type, status }), ...commands])

/** The commands with numbers that no earlier command used: what the server's sequences do. */
export function numbered(commands: readonly ProductCommand[], productId = 1): ProductCommand[] {
  const offset = productId * 1000
  let file = offset
  let column = offset
  const fresh = (inspection: Extract<ProductCommand, { type: 'RecordInspection' }>['inspection']) =>
    inspection.kind === 'table' ? { ...inspection, columnIds: inspection.columns.map(() => ++column) } : inspection
  return commands.map((each) => {
    switch (each.type) {
      case 'RegisterProduct':
        return { ...each, productId }
      case 'AttachFile':
        return { ...each, fileId: ++file, inspection: each.inspection === null ? null : fresh(each.inspection) }
      case 'RecordInspection':
        return { ...each, fileId: offset + each.fileId, inspection: fresh(each.inspection) }
      case 'RemoveFile':
        return { ...each, fileId: offset + each.fileId }
      case 'AssociateColumn':
        return { ...each, columnId: offset + each.columnId }
      default:
        return each
    }
  })
}
