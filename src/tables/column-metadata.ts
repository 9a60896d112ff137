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

/**
 * Units and descriptions from the YAML that Astropy keeps beside its tables: the `table_meta_yaml` of a Parquet footer,
 * the `….__table_column_meta__` dataset of an HDF5 file. A text that is no such YAML gives nothing.
 */
export function astropyColumnMetadata(yaml: string): Map<string, ColumnMetadata> {
  const found = new Map<string, ColumnMetadata>()
  for (const column of list(field(parseYaml(yaml), 'datatype'))) {
    const name = text(field(column, 'name'))
    if (name === null) continue
    const meta = field(column, 'meta')
    found.set(name, {
      unit: text(field(column, 'unit')),
      ucd: text(field(meta, 'ucd')) ?? text(field(meta, 'UCD')),
      description: text(field(column, 'description')),
    })
  }
  return found
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

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Text, or the `unit: deg` inside of an Astropy unit object. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() || null
  const inner = field(value, 'unit')
  return typeof inner === 'string' ? inner.trim() || null : null
}
