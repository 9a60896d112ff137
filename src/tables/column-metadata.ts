import { parse } from 'yaml'

/** What a table says about a column beside its values. */
export interface ColumnMetadata {
  readonly unit: string | null
  readonly ucd: string | null
  readonly description: string | null
}

export const NO_METADATA: ColumnMetadata = { unit: null, ucd: null, description: null }

/**
 * Units, UCDs and descriptions of the FIELDs of a VOTable without data, as VOParquet 1.0 (IVOA Note 2025-01) keeps it in
 * the footer of a Parquet file. Only the first TABLE counts; a text that is no VOTable gives nothing.
 */
export function votableColumnMetadata(xml: string): Map<string, ColumnMetadata> {
  const found = new Map<string, ColumnMetadata>()
  const table = /<(?:\w+:)?TABLE[\s>]/.exec(xml)
  if (table === null) return found
  const end = xml.search(/<\/(?:\w+:)?TABLE\s*>/)
  const body = xml.slice(table.index, end < 0 ? undefined : end)
  for (const field of body.matchAll(/<(?:\w+:)?FIELD\b((?:[^>"']|"[^"]*"|'[^']*')*)>/g)) {
    const attributes = new Map<string, string>()
    for (const [, name, double, single] of field[1]!.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      attributes.set(name!, xmlText(double ?? single ?? ''))
    }
    const name = attributes.get('name') ?? attributes.get('ID')
    if (name === undefined) continue
    found.set(name, {
      unit: attributes.get('unit')?.trim() || null,
      ucd: attributes.get('ucd')?.trim() || null,
      description: field[1]!.endsWith('/') ? null : fieldDescription(body.slice(field.index + field[0].length)),
    })
  }
  return found
}

function fieldDescription(rest: string): string | null {
  const description = /^\s*<(?:\w+:)?DESCRIPTION\s*>([\s\S]*?)<\/(?:\w+:)?DESCRIPTION\s*>/.exec(rest)
  return description === null ? null : xmlText(description[1]!).replace(/\s+/g, ' ').trim() || null
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function xmlText(text: string): string {
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    })
}

/** What Astropy says about the columns of its tables. */
export interface AstropyMetadata {
  readonly columns: ReadonlyMap<string, ColumnMetadata>
  /** For the names of masked columns, those of the columns that tell where they have no value. */
  readonly masks: ReadonlyMap<string, string>
}

/**
 * Units, descriptions and masks from the YAML that Astropy keeps beside its tables: the `table_meta_yaml` of a Parquet
 * footer, the `….__table_column_meta__` dataset of an HDF5 file, comments in FITS. A text that is no such YAML gives nothing.
 */
export function astropyMetadata(yaml: string): AstropyMetadata {
  const columns = new Map<string, ColumnMetadata>()
  const parsed = parseYaml(yaml)
  for (const column of list(field(parsed, 'datatype'))) {
    const name = text(field(column, 'name'))
    if (name === null) continue
    const meta = field(column, 'meta')
    columns.set(name, {
      unit: text(field(column, 'unit')),
      ucd: text(field(meta, 'ucd')) ?? text(field(meta, 'UCD')),
      description: text(field(column, 'description')),
    })
  }
  const masks = new Map<string, string>()
  for (const column of values(field(field(parsed, 'meta'), '__serialized_columns__'))) {
    const name = text(field(field(column, 'data'), 'name'))
    const mask = text(field(field(column, 'mask'), 'name'))
    // What is masked, or masks itself, is no mask.
    if (name !== null && mask !== null && name !== mask && !masks.has(mask)) masks.set(name, mask)
  }
  return { columns, masks }
}

/** Notes on masks that are still columns of their own: those of array columns, with a truth value for each element. */
export function maskNotes(columns: readonly { readonly name: string }[], masks: AstropyMetadata['masks']): string[] {
  const names = new Set(columns.map(({ name }) => name))
  return [...masks]
    .filter(([name, mask]) => names.has(name) && names.has(mask))
    .map(([name, mask]) => `Elements of "${name}" have no value where "${mask}" is true; they are shown all the same.`)
}

function parseYaml(yaml: string): unknown {
  try {
    // Astropy's own tags (!astropy.units.Unit …) are not known here: their content is taken as it is.
    return parse(yaml, { schema: 'yaml-1.1', logLevel: 'silent', maxAliasCount: 100 })
  } catch {
    return null
  }
}

function field(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map<string, unknown>(Object.entries(value)).get(key)
}

/** The values of a mapping. */
function values(value: unknown): readonly unknown[] {
  if (value instanceof Map) return [...value.values()]
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Text, or the `unit: deg` inside of an Astropy unit object. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() || null
  const inner = field(value, 'unit')
  return typeof inner === 'string' ? inner.trim() || null : null
}
