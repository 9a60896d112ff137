import { type ColumnDescription, type ColumnType, TableError } from '../table.ts'

/** Data types of VOTable 1.1 to 1.5, section 2.1, with the bytes of one element (0: bits). */
const DATATYPES = {
  boolean: { type: 'bool', bytes: 1 },
  bit: { type: 'bool', bytes: 0 },
  unsignedByte: { type: 'uint8', bytes: 1 },
  short: { type: 'int16', bytes: 2 },
  int: { type: 'int32', bytes: 4 },
  long: { type: 'int64', bytes: 8 },
  char: { type: 'string', bytes: 1 },
  unicodeChar: { type: 'string', bytes: 2 },
  float: { type: 'float32', bytes: 4 },
  double: { type: 'float64', bytes: 8 },
  floatComplex: { type: 'array', bytes: 8 },
  doubleComplex: { type: 'array', bytes: 16 },
} as const satisfies Record<string, { type: ColumnType; bytes: number }>

export type Datatype = keyof typeof DATATYPES

/** Names that VOTable does not define, but archives write (MAST, VizieR …); astropy knows the same. */
const SYNONYMS: ReadonlyMap<string, Datatype> = new Map([
  ['string', 'char'],
  ['unicodeString', 'unicodeChar'],
  ['int16', 'short'],
  ['int32', 'int'],
  ['int64', 'long'],
  ['float32', 'float'],
  ['float64', 'double'],
  ['unsignedShort', 'int'],
  ['unsignedInt', 'long'],
])

/** An array of texts, which lie one behind the other in a cell, e.g. `char[4x2]`. */
export interface TextArray {
  /** Characters of each: the first axis. */
  readonly length: number
  /** The other axes, outermost first; null for one of which each cell says how long it is. */
  readonly shape: readonly (number | null)[]
}

/** A FIELD: a column and how its cells are written. */
export interface VotableField {
  readonly column: ColumnDescription
  readonly datatype: Datatype
  /** Elements of a cell; null when each cell says how many. */
  readonly elements: number | null
  readonly bytesPerElement: number
  /** Of an array of texts. */
  readonly texts: TextArray | null
  /** The value that stands for "no value" (`VALUES null`). */
  readonly nullValue: string | null
}

export interface FieldElement {
  readonly attributes: ReadonlyMap<string, string>
  readonly description: string | null
  readonly nullValue: string | null
}

/** @param name the column's name, made unique. @throws TableError unsupported, malformed */
export function fieldOf({ attributes, description, nullValue }: FieldElement, name: string): VotableField {
  const written = attributes.get('datatype') ?? 'char'
  const datatype = SYNONYMS.get(written) ?? written
  if (!isDatatype(datatype)) {
    throw new TableError('unsupported', `FIELD ${name} has the datatype "${written}", which VOTable does not define.`)
  }
  const size = attributes.get('arraysize')
  const { type, bytes } = DATATYPES[datatype]
  const elements = elementsOf(size, name)
  const texts = type === 'string' ? textArray(size) : null
  const several = type === 'string' ? texts !== null : elements !== 1
  return {
    column: {
      name,
      type: several ? 'array' : type,
      nativeType: size === undefined ? written : `${written}[${size}]`,
      unit: attributes.get('unit') || null,
      ucd: attributes.get('ucd') || null,
      description: description?.replace(/\s+/g, ' ').trim() || null,
    },
    datatype,
    elements,
    bytesPerElement: bytes,
    texts,
    nullValue,
  }
}

/** arraysize: `3`, `*`, `12*` (at most 12), `64x64x3`, `8x*`. */
function elementsOf(size: string | undefined, name: string): number | null {
  if (size === undefined || size.trim() === '') return 1
  if (size.includes('*')) return null
  const parts = size.trim().split('x').map(Number)
  const product = parts.reduce((a, b) => a * b, 1)
  if (!parts.every((part) => Number.isInteger(part) && part >= 0) || product > 1e8) {
    throw new TableError('malformed', `FIELD ${name} has the arraysize "${size}", which is not valid.`)
  }
  return product
}

function textArray(size = ''): TextArray | null {
  const axes = size.trim().split('x')
  const [length, ...others] = axes.map((axis) => (axis.includes('*') ? null : Number(axis)))
  return others.length === 0 || !length ? null : { length, shape: others.reverse() }
}

function isDatatype(name: string): name is Datatype {
  return Object.hasOwn(DATATYPES, name)
}
