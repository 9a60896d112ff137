import { cleanFileName, extensionOf } from '../../domain/file-name.ts'

export interface DispositionOptions {
  /** Give the plain name without anything that needs quotes; `filename*` has the real one. */
  readonly unquoted?: boolean
}

/** What needs quotes, or is read in more than one way without them. */
const ODD = /[^\w.+~-]/g

/**
 * `Content-Disposition` (RFC 6266) for any name: a plain name in ASCII that keeps the extension, because clients choose by
 * it how to read the file, and the real name in `filename*` where they differ. Up to 0.3.4 the Python client takes all that
 * follows `filename=` for the name, quotes too: so that comes last, and has quotes only where it must.
 */
export function contentDisposition(
  kind: 'attachment' | 'inline',
  fileName: string,
  { unquoted = false }: DispositionOptions = {},
): string {
  const name = cleanFileName(fileName)
  const fallback = asciiName(name)
  const token = fallback.replaceAll(ODD, '_')
  const plain = unquoted ? token : fallback
  const real = plain === name ? '' : `filename*=UTF-8''${percentEncoded(name)}; `
  return `${kind}; ${real}filename=${plain === token ? plain : `"${plain}"`}`
}

function asciiName(name: string): string {
  const extension = extensionOf(name)
  const stem = ascii(name.slice(0, name.length - extension.length))
  return `${/^_*$/.test(stem) ? 'download' : stem}${ascii(extension)}`
}

const ascii = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]/gu, '_')
    .replaceAll(/["\\/]/g, '_')

/** RFC 8187: everything but `attr-char`. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
