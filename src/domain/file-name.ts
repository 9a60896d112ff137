/** The extension with its dot, `.tar.gz` kept whole; empty when there is none. Case as given. */
export function extensionOf(name: string): string {
  return /(?<=.)(?:\.tar)?\.[^.\s]{1,16}$/i.exec(name)?.[0] ?? ''
}
