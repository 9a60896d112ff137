/** The extension with its dot, `.tar.gz` kept whole; empty when there is none. Case as given. */
export function extensionOf(name: string): string {
  return /(?<=.)(?:\.tar)?\.[^.\s]{1,16}$/i.exec(name)?.[0] ?? ''
}

/** Most bytes of a file name in UTF-8: file systems allow 255, and the Python client appends `.part` while it downloads. */
const MOST_BYTES = 250

/** Characters that turn the direction of the text around them, so that `exe.csv` can be shown for `vsc.exe`; and the BOM. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * The name that a person gave a file, as we keep and show it: without folders, control characters and direction tricks,
 * composed (NFC), and not longer than file systems allow; its extension survives. It is never used as a path.
 */
export function cleanFileName(given: string): string {
  const base = given.slice(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1)
  const name = base.normalize('NFC').replaceAll(DIRECTION, '').replaceAll(UNPRINTABLE, '_').trim()
  return /^\.{0,2}$/.test(name) ? 'file' : shortened(name)
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name
  const extension = extensionOf(name)
  const room = MOST_BYTES - Buffer.byteLength(extension)
  let stem = ''
  let bytes = 0
  for (const character of name.slice(0, name.length - extension.length)) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    stem += character
  }
  return stem + extension
}
