import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { footerBytes, footerOf } from '../writers/parquet-footer.ts'
import { binary, integer, STRUCT, type ThriftStruct, type ThriftValue, withField } from '../writers/thrift.ts'

/** Numbers of fields in parquet.thrift. */
const NUM_ROWS = 3
const ROW_GROUPS = 4
const COLUMNS = 1
const FILE_PATH = 1

/**
 * Writes the `_metadata` of a dataset, which holds the footers of all its files as one, and its `_common_metadata`, which holds
 * what they have in common: the columns.
 * @param paths of the files below the dataset's folder, with slashes
 * @param empty a Parquet file of the same columns, for a dataset without files
 */
export async function writeDatasetMetadata(dataset: string, paths: readonly string[], empty: string): Promise<void> {
  const common = await readFooter(paths[0] === undefined ? empty : join(dataset, paths[0]))
  const groups: ThriftValue[] = []
  let rows = 0n
  for (const path of paths) {
    const footer = await readFooter(join(dataset, path))
    for (const group of listOf(footer, ROW_GROUPS)) groups.push(inFile(group, path))
    const count = footer.fields.get(NUM_ROWS)
    if (count?.kind === 'integer') rows += count.value
  }
  await writeFooter(join(dataset, '_metadata'), withRows(common, groups, rows))
  await writeFooter(join(dataset, '_common_metadata'), withRows(common, [], 0n))
}

function withRows(footer: ThriftStruct, groups: readonly ThriftValue[], rows: bigint): ThriftStruct {
  const list: ThriftValue = { kind: 'list', type: STRUCT, items: groups }
  return withField(withField(footer, NUM_ROWS, integer(rows)), ROW_GROUPS, list)
}

/** A row group whose column chunks say which file they are in. */
function inFile(group: ThriftValue, path: string): ThriftValue {
  if (group.kind !== 'struct') throw new Error('A Parquet footer has no row groups where they belong.')
  const items = listOf(group, COLUMNS).map((chunk) =>
    chunk.kind === 'struct' ? withField(chunk, FILE_PATH, binary(path)) : chunk,
  )
  return withField(group, COLUMNS, { kind: 'list', type: STRUCT, items })
}

function listOf({ fields }: ThriftStruct, id: number): readonly ThriftValue[] {
  const list = fields.get(id)
  return list?.kind === 'list' ? list.items : []
}

const TAIL_BYTES = 8
const MAGIC = 'PAR1'

async function readFooter(path: string): Promise<ThriftStruct> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const length = Buffer.alloc(4)
    await file.read(length, 0, 4, size - TAIL_BYTES)
    const end = Buffer.alloc(length.readUInt32LE(0) + TAIL_BYTES)
    await file.read(end, 0, end.length, size - end.length)
    return footerOf(end)
  } finally {
    await file.close()
  }
}

async function writeFooter(path: string, footer: ThriftStruct): Promise<void> {
  await writeFile(path, Buffer.concat([Buffer.from(MAGIC), footerBytes(footer)]))
}
