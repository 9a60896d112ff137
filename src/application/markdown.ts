import { Marked } from 'marked'
import sanitizeHtml from 'sanitize-html'

/** What people may write in descriptions: GitHub's Markdown; a description stands below the title of its page. */
const marked = new Marked({ gfm: true, breaks: false, async: false })
// A box of a list of tasks is no control, but says what it says.
marked.use({ renderer: { checkbox: ({ checked }) => (checked ? '☑ ' : '☐ ') } })

/** Longer texts are shown as they were written. */
const LONGEST = 200_000
/** Schemes of links; anything else loses its link. */
const SCHEMES = ['http', 'https', 'mailto', 'doi', 'ftp']
const INLINE_IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/

/** Long lines scroll in their box, which the keyboard must reach. */
const PRE = () => ({ tagName: 'pre', attribs: { tabindex: '0' } })

/** The page has the only h1. */
const HEADINGS = Object.fromEntries(
  [1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, () => ({ tagName: `h${Math.min(6, level + 1)}`, attribs: {} })]),
)

/**
 * A description as HTML that can do nothing but be read: no scripts, styles, forms, ids, classes or frames; links open
 * without telling who sent them; pictures of other sites become links, so that reading a page tells nobody.
 */
export function descriptionHtml(markdown: string): string {
  if (markdown.length > LONGEST) return asWritten(markdown)
  try {
    return rendered(markdown)
  } catch (error) {
    // Both libraries go as deep as the text: thousands of quotes in quotes.
    if (error instanceof RangeError) return asWritten(markdown)
    throw error
  }
}

const asWritten = (text: string): string =>
  `<pre tabindex="0">${sanitizeHtml(text, { allowedTags: [], disallowedTagsMode: 'escape' })}</pre>`

function rendered(markdown: string): string {
  const html = marked.parse(markdown, { async: false })
  return sanitizeHtml(html, {
    allowedTags: [
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'pre', 'code', 'hr', 'br', 'ul', 'ol', 'li'],
      ...['a', 'strong', 'em', 'b', 'i', 'del', 's', 'sub', 'sup', 'kbd', 'img', 'details', 'summary'],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'dl', 'dt', 'dd'],
    ],
    allowedAttributes: {
      a: ['href', 'title', 'rel'],
      img: ['src', 'alt', 'title'],
      ol: ['start'],
      pre: ['tabindex'],
      th: ['align'],
      td: ['align'],
    },
    allowedSchemes: SCHEMES,
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    transformTags: {
      ...HEADINGS,
      pre: PRE,
      a: (_name, { href = '', title }) => ({
        tagName: 'a',
        attribs: { href, rel: 'nofollow noopener noreferrer ugc', ...(title ? { title } : {}) },
      }),
      img: (_name, { src = '', alt = '' }) =>
        INLINE_IMAGE.test(src)
          ? { tagName: 'img', attribs: { src, alt } }
          : { tagName: 'a', attribs: { href: src, rel: 'nofollow noopener noreferrer ugc' }, text: alt || 'picture' },
    },
  })
}
