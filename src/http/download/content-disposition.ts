import { extensionOf } from '../../domain/file-name.ts'
import { cleanFileName } from '../file-name.ts'

/**
 * `Content-Disposition` (RFC 6266) for any name: a fallback in ASCII that keeps the extension, because clients choose by
 * it how to read the file, and the real name in `filename*` where they differ.
 */
export function contentDisposition(kind: 'attachment' | 'inline', fileName: string): string {
  const name = cleanFileName(fileName)
  const fallback = asciiName(name)
  const plain = `${kind}; filename="${fallback}"`
  return fallback === name ? plain : `${plain}; filename*=UTF-8''${percentEncoded(name)}`
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
