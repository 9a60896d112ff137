/** Where a bucket is, and the key to it. Secret: it must not reach a log. */
export interface BucketAddress {
  readonly protocol: 'https:' | 'http:'
  /** An IPv6 address without brackets. */
  readonly host: string
  /** Null: the usual one of the protocol. */
  readonly port: number | null
  readonly bucket: string
  /** What the names of all objects begin with: empty, or with a slash at the end. */
  readonly prefix: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** How such an address is written. */
export const BUCKET_URL =
  's3://<key id>:<secret>@<host>/<bucket>[/<prefix>][?region=<region>], or s3+http:// without TLS'

/**
 * Reads `s3://<key id>:<secret>@<host>[:<port>]/<bucket>[/<prefix>][?region=<region>]`, with `s3+http:` for a bucket
 * without TLS. What is special in a URL is percent-encoded, as slashes in secrets. The region is us-east-1 unless said.
 * @returns null when the text is not such an address
 */
export function parseBucketUrl(text: string): BucketAddress | null {
  const scheme = /^s3(\+http)?:/.exec(text)
  if (scheme === null) return null
  const protocol = scheme[1] === undefined ? 'https:' : 'http:'
  const rest = `${protocol}${text.slice(scheme[0].length)}`
  if (!URL.canParse(rest)) return null
  const url = new URL(rest)
  const [bucket = '', ...prefix] = url.pathname.slice(1).replace(/\/+$/, '').split('/')
  const isNamed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && prefix.every((part) => /^[\w.-]+$/.test(part))
  const [accessKeyId, secretAccessKey] = [decoded(url.username), decoded(url.password)]
  if (!isNamed || !accessKeyId || !secretAccessKey) return null
  // A mistyped option would be silently without effect.
  if ([...url.searchParams.keys()].some((name) => name !== 'region')) return null
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? null : Number(url.port),
    bucket,
    prefix: prefix.map((part) => `${part}/`).join(''),
    region: url.searchParams.get('region') || 'us-east-1',
    accessKeyId,
    secretAccessKey,
  }
}

/** Null for a percent sign that encodes nothing. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
