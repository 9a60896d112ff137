import type { Actor } from '../../../src/domain/actor.ts'
import type { InspectionResult, ProductCommand } from '../../../src/domain/product/commands.ts'
import type { FileRole, ProductEvent } from '../../../src/domain/product/events.ts'
import type { ProductTypeName } from '../../../src/domain/product/product-type.ts'

export const alice: Actor = { userId: 2, username: 'alice', isAdmin: false, groupIds: [] }
export const bob: Actor = { userId: 3, username: 'bob', isAdmin: false, groupIds: [7] }
export const admin: Actor = { userId: 1, username: 'admin', isAdmin: true, groupIds: [] }

export const digest = (n: number): string => n.toString(16).padStart(64, '0')
export const blob = (n: number) => ({ sha256: digest(n), size: n })

/** The inspection of a table with these columns; numbers of columns count from `firstId`. */
export const table = (names: readonly string[], firstId = 1, rows = 2): InspectionResult & { kind: 'table' } => ({
  kind: 'table',
  format: 'csv',
  rows,
  columns: names.map((name) => ({ name, type: 'float64', unit: null, ucd: null, description: null })),
  columnIds: names.map((_, index) => firstId + index),
  inspection: blob(900 + firstId),
})

export const noTable: InspectionResult = { kind: 'not_a_table', code: 'not_a_table', reason: 'It is a picture.' }

type Command<Type extends ProductCommand['type']> = Extract<ProductCommand, { readonly type: Type }>

export const register = (over: Partial<Command<'RegisterProduct'>> = {}): Command<'RegisterProduct'> => ({
  type: 'RegisterProduct',
  by: alice,
  productId: 1,
  displayName: 'A catalog',
  productType: 'redshift_catalog',
  official: false,
  origin: 'Upload',
  runId: null,
  status: 'registering',
  ...over,
})

export const attach = (over: Partial<Command<'AttachFile'>> = {}): Command<'AttachFile'> => ({
  type: 'AttachFile',
  by: alice,
  fileId: 1,
  role: 'main',
  name: 'catalog.csv',
  mediaType: null,
  blob: blob(10),
  original: null,
  inspection: over.role === undefined || over.role === 'main' ? table(['RA', 'Dec', 'z']) : null,
  replace: false,
  ...over,
})

// events

export const registered = (
  productType: ProductTypeName = 'redshift_catalog',
  status: 'registering' | 'processing' = 'registering',
): ProductEvent => ({
  type: 'ProductRegistered',
  data: {
    productId: 1,
    internalName: '1_a_catalog',
    displayName: 'A catalog',
    productType,
    release: null,
    pzCode: null,
    description: null,
    owner: { userId: 2, username: 'alice' },
    origin: 'Upload',
    runId: null,
    status,
  },
})

export const attached = (fileId = 1, role: FileRole = 'main', name = 'catalog.csv'): ProductEvent => ({
  type: 'FileAttached',
  data: { fileId, role, name, mediaType: null, ...blob(10 * fileId), original: null },
})

export const removed = (fileId = 1, role: FileRole = 'main', name = 'catalog.csv', replaced = false): ProductEvent => ({
  type: 'FileRemoved',
  data: { fileId, role, name, ...blob(10 * fileId), replaced },
})

export const inspected = (names: readonly string[] = ['RA', 'Dec', 'z'], fileId = 1, firstId = 1): ProductEvent => ({
  type: 'MainFileInspected',
  data: {
    fileId,
    format: 'csv',
    rows: 2,
    columns: names.map((name, index) => ({
      id: firstId + index,
      name,
      type: 'float64',
      unit: null,
      ucd: null,
      description: null,
    })),
    inspection: blob(900 + firstId),
  },
})

const UCDS: Readonly<Record<string, string>> = {
  RA: 'pos.eq.ra;meta.main',
  Dec: 'pos.eq.dec;meta.main',
  z: 'src.redshift',
}

export const associated = (
  columnId: number,
  columnName: string,
  alias: string | null,
  previous: string | null = null,
): ProductEvent => ({
  type: 'ColumnAssociated',
  data: {
    columnId,
    columnName,
    alias,
    ucd: alias === null ? null : (UCDS[alias] ?? null),
    previous: { alias: previous, ucd: previous === null ? null : (UCDS[previous] ?? null) },
  },
})

/** A redshift catalog that has all it needs. */
export const complete: readonly ProductEvent[] = [
  registered(),
  attached(),
  inspected(),
  associated(1, 'RA', 'RA'),
  associated(2, 'Dec', 'Dec'),
  associated(3, 'z', 'z'),
]

export const event = (
  type: 'ProductPublished' | 'ProductDeleted' | 'ProductRestored' | 'ProductMarkedOfficial' | 'ProductUnmarkedOfficial',
): ProductEvent => ({ type, data: {} })
