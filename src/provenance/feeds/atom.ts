import type { Feed, FeedEntry } from './feed.ts'

/** The feed as Atom 1.0 (RFC 4287). */
export function atomFeed({ id, title, subtitle, home, self, updated, entries }: Feed): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>${xml(id)}</id>
  <title>${xml(title)}</title>
  <subtitle>${xml(subtitle)}</subtitle>
  <updated>${xml(updated)}</updated>
  <link rel="self" type="application/atom+xml" href="${xml(self)}"/>
  <link rel="alternate" type="text/html" href="${xml(home)}"/>
  <author><name>Photo-z Server</name></author>
  <generator>Photo-z Server</generator>
${entries.map(entryXml).join('')}</feed>
`
}

const entryXml = ({ id, title, author, at, url, text }: FeedEntry): string => `  <entry>
    <id>${xml(id)}</id>
    <title>${xml(title)}</title>
    <published>${xml(at)}</published>
    <updated>${xml(at)}</updated>
    <author><name>${xml(author)}</name></author>
    <link rel="alternate" type="text/html" href="${xml(url)}"/>
    <content type="text">${xml(text)}</content>
  </entry>
`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** What XML 1.0 cannot hold, even escaped: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
const UNWRITABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** Text for XML, in an element or an attribute. */
const xml = (text: string): string =>
  text.replaceAll(UNWRITABLE, '\uFFFD').replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
