import { resolve } from 'node:path'
import { BUCKET_URL, type BucketAddress, parseBucketUrl } from './blobs/s3/address.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What is kept of a download: also who took it, that there was one, or nothing. */
const DOWNLOAD_AUDITS = ['named', 'counted', 'off'] as const
export type DownloadAudit = (typeof DOWNLOAD_AUDITS)[number]

/** How this server is set up. Holds no secret, so it can be logged and shown to administrators. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Absolute path of the folder that holds everything: blobs, temporary files, cache, the embedded database. */
  readonly dataDir: string
  readonly database: 'pglite' | 'postgres'
  readonly eventStore: 'postgres' | 'eventstoredb'
  /** Where files are kept: below the data folder, or in a bucket. */
  readonly blobs: 'files' | 's3'
  /** Most bytes of copies that this machine keeps of the files in a bucket. */
  readonly blobCacheLimit: number
  /** Most bytes of one uploaded file. */
  readonly uploadLimit: number
  /** Most bytes that the files of one person may take, replaced and deleted ones included; null: no limit. */
  readonly personQuota: number | null
  /** Most bytes of archives kept for downloading again. */
  readonly cacheLimit: number
  readonly logLevel: LogLevel
  /** Where people reach the server, e.g. `https://pz.example.org` (no slash at the end); null: wherever they came to. */
  readonly publicUrl: string | null
  /** Origin without cookies from which uploaded HTML is shown; null: our own, in a sandbox. */
  readonly rawOrigin: string | null
  /** Memory and time of the child process that inspects an uploaded file: bytes, seconds. */
  readonly inspection: { readonly memory: number; readonly seconds: number }
  /** Runs of pipelines that this process carries out at a time (0: none), and memory (bytes) and time (seconds) of each. */
  readonly runs: { readonly workers: number; readonly memory: number; readonly seconds: number }
  /** Proxies in front of us whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: number
  /** Shown in the banner and by `/which_environment/`; `production` shows no banner. */
  readonly environmentName: string
  /** Folder with one HATS object catalog per release; null: none, and the training set maker is closed. */
  readonly objectCatalogs: string | null
  readonly downloadAudit: DownloadAudit
  /** How many times the usual requests a person, or an address, may make; null: any number. */
  readonly rateLimits: number | null
}

/** What must never reach a log, a page or an error message. */
export interface Secrets {
  /** Null: PGlite under the data folder. */
  readonly databaseUrl: string | null
  /** Null: the event log lives in the database. */
  readonly eventStoreUrl: string | null
  /** Null: files are kept below the data folder. */
  readonly bucket: BucketAddress | null
  /** Password of the account `admin`; null: a random one is made at the first start and printed once. */
  readonly adminPassword: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that is wrong with the environment, at once. Names variables, never their values. */
export class InvalidConfiguration extends Error {
  readonly code = 'invalid_configuration'

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'InvalidConfiguration'
  }
}

/**
 * Reads the environment variables. This is the only place that does, and this function names every one of them.
 * @throws InvalidConfiguration
 */
export function readConfig(env: Environment = process.env): { readonly config: Config; readonly secrets: Secrets } {
  const read = new VariableReader(env)
  const databaseUrl = read.url('DATABASE_URL', ['postgres:', 'postgresql:'])
  const eventStoreUrl = read.url('EVENTSTORE_URL', ['esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:'])
  const bucket = read.bucket('BLOBS_URL')
  const config: Config = {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 0, 65_535) ?? 3000,
    dataDir: resolve(read.text('DATA_DIR') ?? './data'),
    database: databaseUrl === null ? 'pglite' : 'postgres',
    eventStore: eventStoreUrl === null ? 'postgres' : 'eventstoredb',
    blobs: bucket === null ? 'files' : 's3',
    blobCacheLimit: read.size('BLOB_CACHE') ?? 50_000_000_000,
    uploadLimit: read.size('UPLOAD_LIMIT') ?? 200_000_000,
    personQuota: read.size('PERSON_QUOTA'),
    cacheLimit: read.size('CACHE_LIMIT') ?? 10_000_000_000,
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    publicUrl: read.origin('PUBLIC_URL'),
    rawOrigin: read.origin('RAW_ORIGIN'),
    inspection: {
      memory: read.size('INSPECT_MEMORY') ?? 1_000_000_000,
      seconds: read.integer('INSPECT_SECONDS', 1, 3600) ?? 120,
    },
    runs: {
      workers: read.integer('RUN_WORKERS', 0, 64) ?? 1,
      memory: read.size('RUN_MEMORY') ?? 4_000_000_000,
      seconds: read.integer('RUN_SECONDS', 1, 604_800) ?? 21_600,
    },
    trustedProxies: read.integer('TRUST_PROXY', 0, 10) ?? 0,
    environmentName: read.text('ENVIRONMENT_NAME') ?? 'development',
    objectCatalogs: read.path('OBJECT_CATALOGS'),
    downloadAudit: read.choice('DOWNLOAD_AUDIT', DOWNLOAD_AUDITS) ?? 'named',
    rateLimits: read.factor('RATE_LIMITS', 1),
  }
  const adminPassword = read.text('ADMIN_PASSWORD')
  if (adminPassword !== null && adminPassword.length < 8) {
    read.problems.push('ADMIN_PASSWORD must have at least 8 characters.')
  }
  if (config.rawOrigin !== null && config.rawOrigin === config.publicUrl) {
    read.problems.push(
      'RAW_ORIGIN must be another origin than PUBLIC_URL: it keeps uploaded HTML away from the cookies.',
    )
  }
  if (read.problems.length > 0) throw new InvalidConfiguration(read.problems)
  return { config, secrets: { databaseUrl, eventStoreUrl, bucket, adminPassword } }
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Bytes of `200MB`, `1.5 GB`, `64MiB` or `1048576`; null when it is none of these. Decimal units are decimal. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?$/i.exec(text.trim())
  const unit = UNITS[(match?.[2] ?? '').toLowerCase()]
  if (!match || unit === undefined) return null
  const bytes = Math.round(Number(match[1]) * unit)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

/** Clients decode what they find in a URL: a percent sign that encodes nothing would end the program. */
function isWellFormed(url: string): boolean {
  return URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url)
}

/** Reads variables one by one and collects what is wrong. An empty variable counts as not set. */
class VariableReader {
  readonly problems: string[] = []

  constructor(private readonly env: Environment) {}

  text(name: string): string | null {
    return this.env[name]?.trim() || null
  }

  path(name: string): string | null {
    const text = this.text(name)
    return text === null ? null : resolve(text)
  }

  integer(name: string, low: number, high: number): number | null {
    return this.#checked(name, `must be a whole number from ${low} to ${high}`, (text) => {
      const value = Number(text)
      return /^\d+$/.test(text) && value >= low && value <= high ? value : null
    })
  }

  size(name: string): number | null {
    return this.#checked(name, 'must be a size like 200MB, 1.5GB or a number of bytes', parseSize)
  }

  /** `off` is null. */
  factor(name: string, otherwise: number): number | null {
    if (this.text(name)?.toLowerCase() === 'off') return null
    return (
      this.#checked(name, 'must be off, or a factor from 0.001 to 1000 such as 0.5 or 10', (text) => {
        const value = Number(text)
        return /^\d+(\.\d+)?$/.test(text) && value >= 0.001 && value <= 1000 ? value : null
      }) ?? otherwise
    )
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | null {
    return this.#checked(name, `must be one of ${choices.join(', ')}`, (text) => {
      return choices.find((choice) => choice === text.toLowerCase()) ?? null
    })
  }

  url(name: string, protocols: readonly string[]): string | null {
    const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ')
    const rule = `must be a URL that begins with ${schemes}, with what is special in it percent-encoded`
    return this.#checked(name, rule, (text) => {
      const hasScheme = protocols.some((protocol) => text.startsWith(`${protocol}//`) && /\/\/[^\s/]/.test(text))
      // A cluster has several hosts in one URL, which `URL` refuses: the first stands for all.
      return hasScheme && isWellFormed(text.replace(/,[^/?@]*(?=[/?]|$)/, '')) ? text : null
    })
  }

  bucket(name: string): BucketAddress | null {
    return this.#checked(name, `must be like ${BUCKET_URL}`, parseBucketUrl)
  }

  /** `https://host[:port]`; the pages live at the root of it. */
  origin(name: string): string | null {
    return this.#checked(name, 'must be like https://pz.example.org, without path, query or password', (text) => {
      const url = URL.canParse(text) ? new URL(text) : null
      const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
      return isOrigin ? url.origin : null
    })
  }

  #checked<T>(name: string, rule: string, parse: (text: string) => T | null): T | null {
    const text = this.text(name)
    if (text === null) return null
    const value = parse(text)
    if (value === null) this.problems.push(`${name} ${rule}.`)
    return value
  }
}
