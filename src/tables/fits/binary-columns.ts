import { type NumericType, uniqueNames } from '../arrow-columns.ts'
import { type ColumnDescription, type ColumnType, TableError } from '../table.ts'
import type { ColumnKeywords } from './column-keywords.ts'
import type { Header } from './header.ts'

/** The letters of TFORMn (FITS standard 4.0, table 18) with the bytes of an element. X counts bits and is not here. */
const ELEMENT_BYTES = { L: 1, B: 1, I: 2, J: 4, K: 8, E: 4, D: 8, A: 1, C: 8, M: 16, P: 8, Q: 16 } as const

export type ElementCode = Exclude<keyof typeof ELEMENT_BYTES, 'P' | 'Q'> | 'X'

/** TSCALn and TZEROn: what a person reads is `zero + scale x stored`. */
export interface Scaling {
  readonly scale: number
  readonly zero: number
}

/** A column of a binary table: where it lies in a row and how its bytes become values. */
export interface BinaryColumn extends ColumnDescription {
  /** Bytes from the beginning of the row. */
  readonly offset: number
  /** Bytes in the row. */
  readonly bytes: number
  /** What an element is; of a variable-length column, an element in the heap. */
  readonly code: ElementCode
  /** Elements in the cell: characters of `A`, bits of `X`; of a variable-length column, descriptors (0 or 1). */
  readonly repeat: number
  /** The descriptor of a variable-length cell: a pair of 32-bit (P) or 64-bit (Q) numbers. */
  readonly variable: 'P' | 'Q' | null
  /** The type of an element once scaled. */
  readonly elementType: NumericType | 'bool' | 'string' | 'complex'
  readonly scaling: Scaling | null
  /** The stored whole number that stands for "no value". */
  readonly nullValue: bigint | null
  /** Shape of an array cell, outermost first; of strings, without the axis of the characters. */
  readonly shape: readonly number[]
  /** Characters of one string of a cell of strings. */
  readonly stringBytes: number
}

/** Bytes of an element. @param code not X, whose elements are bits */
export function elementBytes(code: ElementCode): number {
  return code === 'X' ? 1 / 8 : ELEMENT_BYTES[code]
}

/**
 * The columns of a binary table, from its header.
 *
 * @throws TableError malformed when a TFORM is none or the columns are wider than a row
 */
export function binaryColumns(header: Header, keywords: ColumnKeywords, fileName: string): BinaryColumn[] {
  const rowBytes = header.size('NAXIS1')
  const names = uniqueNames(
    Array.from({ length: keywords.columns }, (_, i) => header.filledText(keywords.of('TTYPE', i + 1)) ?? `col${i + 1}`),
  )
  let offset = 0
  return names.map((name, i) => {
    const column = binaryColumn(header, (root) => keywords.of(root, i + 1), name, offset, fileName)
    offset += column.bytes
    if (offset > rowBytes) {
      throw new TableError(
        'malformed',
        `${fileName}: column "${name}" (${keywords.of('TFORM', i + 1)} = ${column.nativeType}) does not fit in a row of ${rowBytes} bytes (NAXIS1).`,
      )
    }
    return column
  })
}

/** The keyword of a column, by its root. */
type Keyword = (root: string) => string

function binaryColumn(header: Header, keyword: Keyword, name: string, offset: number, fileName: string): BinaryColumn {
  const form = header.text(keyword('TFORM'))?.trim() ?? ''
  const parts = /^(\d{0,12})([LXBIJKAEDCM])(.*)$/.exec(form) ?? null
  const pointer = /^([01]?)([PQ])([LXBIJKAEDCM])(?:\((\d*)\))?/.exec(form) ?? null
  if (parts === null && pointer === null) {
    throw new TableError(
      'malformed',
      form === ''
        ? `${fileName}: column "${name}" has no ${keyword('TFORM')}.`
        : `${fileName}: ${keyword('TFORM')} of column "${name}" is not a FITS format: "${form.slice(0, 40)}".`,
    )
  }
  const described = {
    name,
    nativeType: form,
    unit: header.filledText(keyword('TUNIT')),
    ucd: header.filledText(keyword('TUCD')),
    description: description(header, keyword),
    offset,
  }
  const scaling = scalingOf(header, keyword)
  const nullValue = header.integer(keyword('TNULL'))
  if (pointer !== null) {
    const code = elementCode(pointer[3]!)
    const variable = pointer[2] === 'P' ? 'P' : 'Q'
    return {
      ...described,
      type: code === 'A' ? 'string' : 'array',
      bytes: pointer[1] === '0' ? 0 : ELEMENT_BYTES[variable],
      code,
      repeat: pointer[1] === '0' ? 0 : 1,
      variable,
      elementType: elementType(code, scaling),
      scaling,
      nullValue,
      shape: [],
      stringBytes: 0,
    }
  }
  const code = elementCode(parts![2]!)
  const repeat = parts![1] === '' ? 1 : Number(parts![1])
  const bytes = code === 'X' ? Math.ceil(repeat / 8) : repeat * ELEMENT_BYTES[code]
  const type = elementType(code, scaling)
  const { shape, stringBytes } = shapeOf(header.text(keyword('TDIM')), code, repeat, parts![3]!)
  return {
    ...described,
    type: cellType(type, repeat, shape),
    bytes,
    code,
    repeat,
    variable: null,
    elementType: type,
    scaling: type === 'int8' || isUnsigned(type, code) ? null : scaling,
    nullValue,
    shape,
    stringBytes,
  }
}

/** TCOMMn (a convention of TOPCAT and Astropy), else the comment of the TTYPE card when it says more than "label for field". */
function description(header: Header, keyword: Keyword): string | null {
  const comment = header.filledText(keyword('TCOMM')) ?? header.comment(keyword('TTYPE'))
  if (comment === null || /^(label|name|data label)?\s*(for|of)?\s*(field|column)?\s*\d*$/i.test(comment)) return null
  return comment
}

const ELEMENT_CODES: readonly ElementCode[] = ['L', 'X', 'B', 'I', 'J', 'K', 'A', 'E', 'D', 'C', 'M']

function elementCode(letter: string): ElementCode {
  const code = ELEMENT_CODES.find((known) => known === letter)
  if (code === undefined) throw new Error(`Not a FITS element: ${letter}`)
  return code
}

function scalingOf(header: Header, keyword: Keyword): Scaling | null {
  const scale = header.number(keyword('TSCAL')) ?? 1
  const zero = header.number(keyword('TZERO')) ?? 0
  return scale === 1 && zero === 0 ? null : { scale, zero }
}

/** Zero points that turn signed integers into unsigned ones and bytes into signed ones (FITS standard 4.0, section 5.2.5). */
const SIGN_ZERO = { B: -128, I: 2 ** 15, J: 2 ** 31, K: 2 ** 63 } as const

function isUnsigned(type: BinaryColumn['elementType'], code: ElementCode): boolean {
  return (
    (code === 'I' && type === 'uint16') || (code === 'J' && type === 'uint32') || (code === 'K' && type === 'uint64')
  )
}

function elementType(code: ElementCode, scaling: Scaling | null): BinaryColumn['elementType'] {
  const flipsSign = (letter: keyof typeof SIGN_ZERO) => scaling?.scale === 1 && scaling.zero === SIGN_ZERO[letter]
  switch (code) {
    case 'L':
    case 'X':
      return 'bool'
    case 'A':
      return 'string'
    case 'C':
    case 'M':
      return 'complex'
    case 'B':
      if (scaling === null) return 'uint8'
      return flipsSign('B') ? 'int8' : 'float64'
    case 'I':
      if (scaling === null) return 'int16'
      return flipsSign('I') ? 'uint16' : 'float64'
    case 'J':
      if (scaling === null) return 'int32'
      return flipsSign('J') ? 'uint32' : 'float64'
    case 'K':
      if (scaling === null) return 'int64'
      return flipsSign('K') ? 'uint64' : 'float64'
    case 'E':
      return scaling === null ? 'float32' : 'float64'
    case 'D':
      return 'float64'
  }
}

/** The type of a column by its elements and how many of them are in a cell. */
export function cellType(type: BinaryColumn['elementType'], repeat: number, shape: readonly number[]): ColumnType {
  if (type === 'string') return shape.length > 0 ? 'array' : 'string'
  if (type === 'complex') return 'array'
  return repeat === 1 && shape.length <= 1 ? type : 'array'
}

/** TDIMn when it agrees with the repeat count; of strings also the old `rAw` form: strings of w characters. */
function shapeOf(
  dimensions: string | null,
  code: ElementCode,
  repeat: number,
  suffix: string,
): { shape: number[]; stringBytes: number } {
  const axes = dimensions === null ? null : /^\s*\(\s*([\d\s,]+)\)\s*$/.exec(dimensions)
  const sizes = axes === null ? [] : axes[1]!.split(',').map(Number)
  const fits = sizes.length > 0 && sizes.reduce((product, size) => product * size, 1) <= repeat && !sizes.includes(0)
  if (code !== 'A') {
    const exact = fits && sizes.reduce((product, size) => product * size, 1) === repeat
    return { shape: exact ? sizes.reverse() : [repeat], stringBytes: 0 }
  }
  if (fits) return { shape: sizes.slice(1).reverse(), stringBytes: sizes[0]! }
  const width = /^(\d{1,9})$/.test(suffix) ? Number(suffix) : 0
  if (width > 0 && width < repeat) return { shape: [Math.floor(repeat / width)], stringBytes: width }
  return { shape: [], stringBytes: repeat }
}
