/** An element of an XML document, with the text of all that is in it. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

interface Open {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly children: Element[]
  text: string
}

const TOKEN = /<\?xml [^?]*\?>\s*|<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

const plain = (text: string): string =>
  text.replaceAll(/&(\w*;?)/g, (_, entity: string) => {
    const character = ENTITIES[entity.replace(/;$/, '')]
    if (character === undefined || !entity.endsWith(';')) throw new Error(`&${entity} is no entity`)
    return character
  })

/** Parses the XML that feeds are written in (elements, attributes, text), strictly. @throws Error when it is not well-formed */
export function parseXml(source: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(source))
    throw new Error('characters that XML cannot hold')
  const root: Open = { name: '', attributes: {}, children: [], text: '' }
  const stack = [root]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(source)
    if (match === null) throw new Error(`not well-formed: ${source.slice(at, at + 60)}`)
    const [, closing, name, attributes = '', empty, text] = match
    const parent = stack.at(-1)!
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error(']]> in a text')
      if (stack.length === 1 && text.trim() !== '') throw new Error('text outside of the document')
      parent.text += plain(text)
    } else if (closing === '/') {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`)
      stack.pop()
      stack.at(-1)!.children.push(parent)
    } else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        plain(value),
      ])
      const element: Open = { name, attributes: Object.fromEntries(pairs), children: [], text: '' }
      if (empty === '/') parent.children.push(element)
      else stack.push(element)
    }
  }
  const [document, ...more] = root.children
  if (stack.length > 1 || document === undefined || more.length > 0) throw new Error('not one whole document')
  return document
}

export const elements = (parent: Element, name: string): readonly Element[] =>
  parent.children.filter((child) => child.name === name)
