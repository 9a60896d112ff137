import { TableError } from '../table.ts'

/**
 * A piece of an XML text. Only what VOTable needs: a document type is skipped when it is no more than a name and an address,
 * which is never fetched, so that there are no entities but the five of XML and characters.
 */
export type XmlToken =
  | {
      readonly type: 'open'
      readonly name: string
      readonly attributes: ReadonlyMap<string, string>
      readonly empty: boolean
    }
  | { readonly type: 'close'; readonly name: string }
  | { readonly type: 'text'; readonly text: string }

const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** A document type without an internal subset, e.g. `<!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">`. */
const DOCTYPE = /^<!DOCTYPE\s+[\w:.-]+(\s+(SYSTEM|PUBLIC(\s+("[^"]*"|'[^']*')))\s+("[^"]*"|'[^']*'))?\s*>$/

/** Reads tokens from the beginning of a text; says when the text ends before a token does. */
export class XmlTokens {
  position = 0

  constructor(private readonly text: string) {}

  /** @returns null when more text is needed. @throws TableError malformed, unsupported */
  next(): XmlToken | null {
    for (;;) {
      const { text, position } = this
      if (position >= text.length) return null
      if (text[position] !== '<') {
        const end = text.indexOf('<', position)
        if (end < 0) return null
        this.position = end
        return { type: 'text', text: decodeEntities(text.slice(position, end)) }
      }
      if (text.startsWith('<!--', position)) {
        if (!this.skipPast('-->')) return null
      } else if (text.startsWith('<?', position)) {
        if (!this.skipPast('?>')) return null
      } else if (text.startsWith('<![CDATA[', position)) {
        if (!this.skipPast(']]>')) return null
        return { type: 'text', text: text.slice(position + 9, this.position - 3) }
      } else if (text.startsWith('<!', position)) {
        const end = text.indexOf('>', position)
        if (end < 0) return null
        if (!DOCTYPE.test(text.slice(position, end + 1))) {
          throw new TableError(
            'unsupported',
            'The VOTable has a document type declaration (DOCTYPE) with definitions of its own; please remove it.',
          )
        }
        this.position = end + 1
      } else return this.tag()
    }
  }

  private skipPast(mark: string): boolean {
    const end = this.text.indexOf(mark, this.position)
    if (end < 0) return false
    this.position = end + mark.length
    return true
  }

  private tag(): XmlToken | null {
    const { text, position } = this
    let end = position
    for (let quote = ''; ; end++) {
      const c = text[end]
      if (c === undefined) return null
      if (quote) {
        if (c === quote) quote = ''
      } else if (c === '"' || c === "'") quote = c
      else if (c === '>') break
    }
    this.position = end + 1
    const inner = text.slice(position + 1, end)
    if (inner.startsWith('/')) return { type: 'close', name: localName(inner.slice(1).trim()) }
    const empty = inner.endsWith('/')
    const name = /^[^\s/]+/.exec(inner)?.[0] ?? ''
    const attributes = new Map<string, string>()
    for (const [, key, double, single] of inner.slice(name.length).matchAll(ATTRIBUTE)) {
      attributes.set(key!, decodeEntities(double ?? single ?? ''))
    }
    return { type: 'open', name: localName(name), attributes, empty }
  }
}

/** @throws TableError malformed for an entity that XML itself does not define: none is ever looked up. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;\s&]{0,20});?/g, (whole, name: string) => {
    const known = NAMED[name]
    if (known && whole.endsWith(';')) return known
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name) ?? []
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : Number.NaN
    if (code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)) return String.fromCodePoint(code)
    throw new TableError('malformed', `The VOTable uses "${whole}", which is no character that XML defines.`)
  })
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
