/** A column for a test file: its header keywords without the number, and the bytes of each cell. */
export interface TestColumn {
  readonly keywords: Readonly<Record<string, string | number>>
  readonly cells: readonly Uint8Array[]
}

/** Header cards; texts get their quotes, `undefined` values are left out. */
export function cards(
  keywords: readonly (readonly [string, string | number | boolean])[],
  end = true,
  further: readonly string[] = [],
): Uint8Array {
  const lines = keywords.map(([keyword, value]) => {
    const field =
      typeof value === 'string'
        ? `'${value.replaceAll("'", "''").padEnd(8)}'`
        : typeof value === 'boolean'
          ? (value ? 'T' : 'F').padStart(20)
          : String(value).padStart(20)
    return `${keyword.padEnd(8)}${keyword.length > 8 ? ' ' : ''}= ${field}`.padEnd(80)
  })
  return padded(
    Buffer.from(
      [...lines, ...further.map((line) => line.padEnd(80)), ...(end ? ['END'.padEnd(80)] : [])].join(''),
      'latin1',
    ),
    0x20,
  )
}

/** A FITS file with one binary table. `extra` cards replace those that belong to the columns. */
export function binaryTable(
  columns: readonly TestColumn[],
  options: {
    readonly extra?: Readonly<Record<string, string | number | boolean>>
    readonly heap?: Uint8Array
    readonly lines?: readonly string[]
  } = {},
): Buffer {
  const rows = columns[0]?.cells.length ?? 0
  const heap = options.heap ?? new Uint8Array(0)
  const keywords = new Map<string, string | number | boolean>([
    ['XTENSION', 'BINTABLE'],
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['NAXIS1', columns.reduce((sum, column) => sum + (column.cells[0]?.length ?? 0), 0)],
    ['NAXIS2', rows],
    ['PCOUNT', heap.length],
    ['GCOUNT', 1],
    ['TFIELDS', columns.length],
  ])
  columns.forEach((column, i) => {
    for (const [name, value] of Object.entries(column.keywords)) keywords.set(`${name}${i + 1}`, value)
  })
  for (const [name, value] of Object.entries(options.extra ?? {})) keywords.set(name, value)
  const data = Array.from({ length: rows }, (_, row) => columns.map((column) => column.cells[row]!)).flat()
  return Buffer.concat([
    primary(),
    cards([...keywords], true, options.lines),
    padded(Buffer.concat([...data, heap]), 0),
  ])
}

/** The primary header of a file without an image. */
export function primary(): Uint8Array {
  return cards([
    ['SIMPLE', true],
    ['BITPIX', 8],
    ['NAXIS', 0],
  ])
}

/** Big-endian numbers, as FITS stores them. */
export function bigEndian(kind: 'i16' | 'i32' | 'i64' | 'f32' | 'f64', ...values: (number | bigint)[]): Uint8Array {
  const size = Number(kind.slice(1)) / 8
  const view = new DataView(new ArrayBuffer(size * values.length))
  values.forEach((value, i) => {
    if (kind === 'i16') view.setInt16(i * size, Number(value))
    if (kind === 'i32') view.setInt32(i * size, Number(value))
    if (kind === 'i64') view.setBigInt64(i * size, BigInt(value))
    if (kind === 'f32') view.setFloat32(i * size, Number(value))
    if (kind === 'f64') view.setFloat64(i * size, Number(value))
  })
  return new Uint8Array(view.buffer)
}

function padded(bytes: Uint8Array, filler: number): Uint8Array {
  const whole = Buffer.alloc(Math.ceil(bytes.length / 2880) * 2880, filler)
  whole.set(bytes)
  return whole
}
