/** What Windows-1252 has in place of the control characters 0x80 to 0x9f of ISO 8859-1; NUL where it has nothing. */
const INSTEAD_OF_CONTROLS = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'

/**
 * Bytes that are not UTF-8 as text: Windows-1252, which is ISO 8859-1 but for the quotes, dashes and the euro that programs of
 * Windows write. By hand, because the `TextDecoder` of Node 20 takes it for ISO 8859-1.
 */
export function windows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return text.replace(/[\x80-\x9f]/g, (control) => {
    const character = INSTEAD_OF_CONTROLS[control.charCodeAt(0) - 0x80]!
    return character === '\0' ? control : character
  })
}
