import { havePositions } from '../domain/product/column-role.ts'
import type { TableFormat, TextDialect } from '../tables/table.ts'
import { isNumericType } from './plots/column-values.ts'

/** What code needs to know of a product. */
export interface SnippetFacts {
  readonly id: number
  readonly internalName: string
  /** Of the server, without a slash at the end. */
  readonly base: string
  readonly productType: string
  readonly main: {
    readonly name: string
    readonly format: string | null
    readonly dialect: TextDialect | null
  } | null
  readonly columns: readonly { readonly name: string; readonly type: string; readonly alias: string | null }[]
}

export interface Snippet {
  readonly name: 'Python' | 'curl' | 'pandas' | 'astropy' | 'RAIL' | 'TOPCAT'
  readonly code: string
}

/** Code that fetches a product, ready to run once a token is in the environment variable PZ_TOKEN. */
export function snippetsFor(facts: SnippetFacts): Snippet[] {
  const { main } = facts
  const format = main?.format ?? null
  return [
    { name: 'Python', code: python(facts, format === 'hats' || (format !== null && TABLES_IO.test(main?.name ?? ''))) },
    { name: 'curl', code: curl(facts) },
    ...(main === null || format === null || format === 'hats'
      ? []
      : ([
          { name: 'pandas', code: pandas(facts, format, main.dialect) },
          { name: 'astropy', code: astropy(facts, format, main.dialect) },
        ] as const)),
    ...(format !== null && TABLES_IO.test(main?.name ?? '')
      ? [{ name: 'RAIL', code: rail(facts, main?.name ?? '') } as const]
      : []),
    ...topcat(facts),
  ]
}

/** What tables_io reads, by the extension; the Python client and RAIL read files with it. */
const TABLES_IO = /\.(fits|fit|fitz|hdf5|hf5|h5|hd5|parquet|parq|pq|csv)$/i

const fileUrl = ({ base, id }: SnippetFacts): string => `${base}/api/products/${id}/download_main_file/`

/** A string of Python; JSON's escapes are Python's too. */
const quoted = (text: string): string => JSON.stringify(text)

function python({ id, base, productType }: SnippetFacts, isTable: boolean): string {
  // The client refuses to read these types as tables.
  const readable = isTable && productType !== 'validation_results' && productType !== 'training_results'
  return [
    '# pip install pzserver',
    'import os',
    'from pzserver import PzServer',
    '',
    `server = PzServer(token=os.environ["PZ_TOKEN"], host=${quoted(`${base}/api/`)})`,
    readable ? `table = server.get_product(${id})` : `server.download_product(${id}, save_in=".")`,
  ].join('\n')
}

const curl = (facts: SnippetFacts): string =>
  facts.main === null
    ? `curl -fH "Authorization: Token $PZ_TOKEN" ${facts.base}/api/products/${facts.id}/`
    : [
        '# the main file',
        `curl -fOJH "Authorization: Token $PZ_TOKEN" \\\n  ${fileUrl(facts)}`,
        '# all files, as a zip',
        `curl -fOJH "Authorization: Token $PZ_TOKEN" \\\n  ${facts.base}/api/products/${facts.id}/download/`,
      ].join('\n')

const SEPARATORS: Readonly<Record<TextDialect['delimiter'], string>> = {
  ',': '',
  ';': ', sep=";"',
  '\t': ', sep="\\t"',
  '|': ', sep="|"',
  ' ': ', sep=r"\\s+"',
}

function pandas(facts: SnippetFacts, format: string, dialect: TextDialect | null): string {
  const head = ['import os', 'import pandas as pd', '']
  const url = [`url = ${quoted(fileUrl(facts))}`, 'headers = {"Authorization": "Token " + os.environ["PZ_TOKEN"]}']
  if (format === 'parquet') {
    return [...head, ...url, 'frame = pd.read_parquet(url, storage_options=headers)'].join('\n')
  }
  if (format === 'csv' && dialect !== null) {
    const options = [
      SEPARATORS[dialect.delimiter],
      dialect.hasHeader ? '' : ', header=None',
      dialect.comment === null ? '' : ', comment="#"',
      dialect.decimalComma ? ', decimal=","' : '',
      dialect.encoding === 'utf-8' ? '' : `, encoding="${dialect.encoding}"`,
    ].join('')
    return [...head, ...url, `frame = pd.read_csv(url, storage_options=headers${options})`].join('\n')
  }
  return [astropy(facts, format, dialect), 'frame = table.to_pandas()'].join('\n')
}

const ASTROPY_FORMATS: Readonly<Partial<Record<TableFormat, string>>> = {
  fits: 'fits',
  votable: 'votable',
  parquet: 'parquet',
}

function astropy(facts: SnippetFacts, format: string, dialect: TextDialect | null): string {
  const name = ASTROPY_FORMATS[format as TableFormat]
  const fetch = [
    `request = Request(${quoted(fileUrl(facts))}, headers={"Authorization": "Token " + os.environ["PZ_TOKEN"]})`,
  ]
  const imports = ['import os', 'from io import BytesIO', 'from urllib.request import Request, urlopen']
  if (format === 'hdf5') {
    return [
      ...imports.filter((line) => !line.includes('BytesIO')),
      'import tables_io',
      '',
      ...fetch,
      `with open(${quoted(localName(facts, '.hdf5'))}, "wb") as file:`,
      '    file.write(urlopen(request).read())',
      `table = tables_io.read(${quoted(localName(facts, '.hdf5'))}, tables_io.types.AP_TABLE)`,
    ].join('\n')
  }
  const options = name === undefined ? asciiOptions(facts.main?.name ?? '', dialect) : `format="${name}"`
  return [
    ...imports,
    'from astropy.table import Table',
    '',
    ...fetch,
    `table = Table.read(BytesIO(urlopen(request).read()), ${options})`,
  ].join('\n')
}

function asciiOptions(fileName: string, dialect: TextDialect | null): string {
  if (/\.ecsv$/i.test(fileName)) return 'format="ascii.ecsv"'
  const delimiter = dialect?.delimiter ?? ','
  if (dialect?.hasHeader === false) return `format="ascii.no_header", delimiter=${quoted(delimiter)}`
  if (delimiter === ' ') return 'format="ascii.basic"'
  return `format="ascii.csv"${delimiter === ',' ? '' : `, delimiter=${quoted(delimiter)}`}`
}

const localName = ({ id }: SnippetFacts, extension: string): string => `product_${id}${extension}`

const extensionOf = (name: string): string => /\.[^.]+$/.exec(name)?.[0].toLowerCase() ?? ''

/**
 * A catalog with redshifts and magnitudes trains an estimator; anything else is read as a table. RAIL's own names are the
 * defaults (`redshift`, `mag_i_lsst`), so other names are said; files are flat, without the group `photometry`.
 */
function rail(facts: SnippetFacts, fileName: string): string {
  const local = localName(facts, railExtension(fileName))
  const redshift = facts.columns.find((column) => column.alias === 'z')
  const bands = magnitudes(facts.columns)
  const read = [
    '# pip install pz-rail pz-rail-sklearn',
    'import os',
    'from urllib.request import Request, urlopen',
    'from rail.core.data import TableHandle',
    'from rail.core.stage import RailStage',
    '',
    `request = Request(${quoted(fileUrl(facts))}, headers={"Authorization": "Token " + os.environ["PZ_TOKEN"]})`,
    `with open(${quoted(local)}, "wb") as file:`,
    '    file.write(urlopen(request).read())',
    `data = RailStage.data_store.read_file("product_${facts.id}", TableHandle, ${quoted(local)})`,
  ]
  if (redshift === undefined || bands.length < 2) return read.join('\n')
  const reference = bands.find((band) => /(^|_)i(_|mag|$)/i.test(band)) ?? bands[0]
  return [
    ...read,
    '',
    'from rail.estimation.algos.k_nearneigh import KNearNeighInformer',
    '',
    'inform = KNearNeighInformer.make_stage(',
    `    name="inform_${facts.id}", model="product_${facts.id}.pkl", hdf5_groupname="",`,
    `    redshift_col=${quoted(redshift.name)}, ref_band=${quoted(reference ?? '')},`,
    `    bands=[${bands.map(quoted).join(', ')}],`,
    ')',
    'inform.inform(data)',
  ].join('\n')
}

/** TOPCAT reads these from an address; of texts, the comma-separated ones with names. */
const TOPCAT_FORMATS: Readonly<Partial<Record<TableFormat, string>>> = {
  csv: 'csv',
  fits: 'fits',
  parquet: 'parquet',
  votable: 'votable',
}

function topcat(facts: SnippetFacts): Snippet[] {
  const { format = null, dialect = null } = facts.main ?? {}
  const name = format === null ? undefined : TOPCAT_FORMATS[format as TableFormat]
  if (name === undefined || (dialect !== null && !(dialect.delimiter === ',' && dialect.hasHeader))) return []
  const code = [
    '# TOPCAT asks for your name and a password: the password is your token',
    `topcat -f ${name} "${fileUrl(facts)}"`,
    ...(havePositions(facts.columns)
      ? [
          '# the rows around a position: VO > Cone Search, with this as the Cone URL',
          `${facts.base}/api/products/${facts.id}/cone/?format=votable&`,
        ]
      : []),
  ]
  return [{ name: 'TOPCAT', code: code.join('\n') }]
}

/** RAIL reads Parquet from `.pq`. */
const railExtension = (name: string): string => {
  const extension = extensionOf(name)
  return extension === '.parquet' ? '.pq' : extension
}

/** Magnitudes of the LSST bands in one system: the family of columns with the most bands, in the order of wavelength. */
function magnitudes(columns: SnippetFacts['columns']): string[] {
  const families = new Map<string, Map<string, string>>()
  for (const { name, type } of columns) {
    if (!isNumericType(type) || /err|sig|flag|ext|^a_/i.test(name)) continue
    const match =
      /^(?<before>.*mag_(?:[a-z]+_)?)(?<band>[ugrizy])(?<after>(?:_.*)?)$|^(?<band2>[ugrizy])(?<after2>_?\w*mag\w*)$/i.exec(
        name,
      )
    const { before = '', band, after, band2, after2 } = match?.groups ?? {}
    const letter = (band ?? band2)?.toLowerCase()
    if (letter === undefined) continue
    const family = `${before}*${after ?? after2 ?? ''}`
    families.set(family, (families.get(family) ?? new Map()).set(letter, name))
  }
  const largest = [...families.values()].toSorted((a, b) => b.size - a.size)[0]
  return ['u', 'g', 'r', 'i', 'z', 'y'].flatMap((band) => largest?.get(band) ?? [])
}
