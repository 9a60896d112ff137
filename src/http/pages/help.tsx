import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { Marked } from 'marked'
import sanitizeHtml from 'sanitize-html'
import { type HelpChapter, HelpPage } from '../../../views/pages/help.tsx'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { baseUrl } from '../base-url.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { frameOf, type PageContext } from './visit.ts'

const GUIDE = new URL('../../../docs/guide/', import.meta.url)

/** The chapters of the guide in `docs/guide`, and the two that are no Markdown. */
const WRITTEN = [
  { href: '/help', file: 'start.md', title: 'User guide' },
  { href: '/help/find', file: 'find.md', title: 'Find and download' },
  { href: '/help/upload', file: 'upload.md', title: 'Upload and publish' },
  { href: '/help/change', file: 'change.md', title: 'Edit, replace, restore' },
  { href: '/help/pipelines', file: 'pipelines.md', title: 'Run a pipeline' },
  { href: '/help/python', file: 'python.md', title: 'Python in five minutes' },
  { href: '/help/account', file: 'account.md', title: 'Account and tokens' },
  { href: '/help/administration', file: 'administration.md', title: 'Administration' },
] as const

export const CHAPTERS: readonly HelpChapter[] = [
  ...WRITTEN.map(({ href, title }) => ({ href, title })),
  { href: '/help/api', title: 'API reference' },
]

/** `/help`: the user guide, rendered once from our own Markdown; for anybody. */
export function helpPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const rendered = new Map<string, Promise<string>>()

  for (const { href, file, title } of WRITTEN) router.get(href, (c) => show(c, href, file, title))
  router.get('/help/*', () => {
    throw notFound()
  })

  async function show(c: PageContext, href: string, file: string, title: string) {
    const html = rendered.get(file) ?? readFile(new URL(file, GUIDE), 'utf8').then(guideHtml)
    rendered.set(file, html)
    const page = { title, chapters: CHAPTERS, current: href }
    return c.html(<HelpPage frame={frameOf(context, c, 'help')} {...page} html={withAddress(await html, context, c)} />)
  }
  return router
}

/** Examples name the server that the person looks at. */
const withAddress = (html: string, { config }: AppContext, c: PageContext): string =>
  html.replaceAll('https://pz.example.org', escaped(baseUrl(config, c)))

const escaped = (text: string): string => sanitizeHtml(text, { allowedTags: [], disallowedTagsMode: 'escape' })

/** Headings can be linked to: "From another server" is `#from-another-server`. */
const marked = new Marked({
  gfm: true,
  async: false,
  renderer: {
    heading({ tokens, depth, text }) {
      const id = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
      return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
  },
})

/** Our own guide: links within the site, and pictures of our own pages. The title stands above it already. */
function guideHtml(markdown: string): string {
  return sanitizeHtml(marked.parse(markdown.replace(/^# .*\n/, ''), { async: false }), {
    allowedTags: [
      ...[
        'h2',
        'h3',
        'p',
        'blockquote',
        'pre',
        'code',
        'hr',
        'br',
        'ul',
        'ol',
        'li',
        'a',
        'strong',
        'em',
        'kbd',
        'img',
      ],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
    ],
    allowedAttributes: {
      a: ['href'],
      h2: ['id'],
      h3: ['id'],
      img: ['src', 'alt', 'width', 'height', 'loading'],
      pre: ['tabindex'],
      th: ['align'],
      td: ['align'],
    },
    allowedSchemes: ['https', 'http', 'mailto'],
    transformTags: {
      img: (_name, attribs) => ({ tagName: 'img', attribs: { ...attribs, loading: 'lazy' } }),
      pre: () => ({ tagName: 'pre', attribs: { tabindex: '0' } }), // long lines scroll, also for the keyboard
    },
  })
}
