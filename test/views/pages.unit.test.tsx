import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { pages, rendered } from './pages.ts'
import { NASTY } from './samples/site.ts'

const names = Object.keys(pages)
const html = new Map<string, string>()
beforeAll(async () => {
  for (const name of names) html.set(name, await rendered(name))
})
const of = (name: string): string => html.get(name) ?? ''
const all = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '')

describe.each(names)('the page %s', (name) => {
  it('is a whole page with one main, one h1 and a title', () => {
    const page = of(name)
    expect(page.startsWith('<!doctype html><html lang="en">')).toBe(true)
    expect(all(page, /(<main[ >])/g)).toHaveLength(1)
    expect(all(page, /(<h1[ >])/g)).toHaveLength(1)
    expect(page).toMatch(/<title>[^<]+ · Photo-z Server<\/title>/)
  })

  it('has no inline script, style or handler', () => {
    const page = of(name)
    expect(page).not.toMatch(/<style/)
    expect(page).not.toMatch(/<[a-z][^<>]* style="/)
    expect(page).not.toMatch(/<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)* on[a-z]+=/)
    for (const script of all(page, /<script([^>]*)>/g)) {
      expect(script).toMatch(/src="\/static\/|type="application\/ld\+json"/)
    }
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('javascript:')
  })

  it('has headings in order', () => {
    const levels = all(of(name), /<h([1-6])[ >]/g).map(Number)
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
  })

  it('names each part once, and refers only to parts that are there', () => {
    const page = of(name)
    const ids = all(page, / id="([^"]*)"/g)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    const there = new Set(ids)
    const references = [
      ...all(page, / (?:for|popovertarget|data-copy|data-filter|aria-labelledby)="([^"]*)"/g),
      ...all(page, / aria-describedby="([^"]*)"/g).flatMap((text) => text.split(' ')),
    ]
    expect(references.filter((id) => !there.has(id))).toEqual([])
  })

  it('labels each control', () => {
    const page = of(name)
    const labels = new Set(all(page, / for="([^"]*)"/g))
    const wrapped = all(page, /(<label[^>]*>[\s\S]*?<\/label>)/g).join('')
    for (const [control] of page.matchAll(/<(?:input|select|textarea)[^>]*>/g)) {
      if (control.includes('type="hidden"') || control.includes('aria-label="')) continue
      const id = / id="([^"]*)"/.exec(control)?.[1]
      expect(wrapped.includes(control) || (id !== undefined && labels.has(id)), control).toBe(true)
    }
  })

  it('changes things only by POST, and writes no undefined', () => {
    const page = of(name)
    for (const form of all(page, /<form([^>]*)>/g)) expect(form).toMatch(/method="(get|post)"/)
    expect(page).not.toMatch(/undefined|\[object|NaN/)
  })
})

describe('what people typed', () => {
  it('is escaped wherever it shows', () => {
    const page = of('product-nasty')
    expect(page).toContain('&lt;script&gt;alert(')
    expect(page).not.toContain(NASTY)
    expect(of('list-nothing-found')).toContain('value="&lt;script&gt;')
    expect(all(page, /ld\+json">([^<]*)</g)[0]).toContain('\\u003cscript>')
  })
})

describe('the product page', () => {
  it('shows 64-bit ids exactly, nulls as a dash that is said aloud, and roles', () => {
    const page = of('product-preview')
    expect(page).toContain('>2305843019946942123<')
    expect(page).toContain('<span class="aloud">no value</span>')
    expect(page).toContain('<span class="role">z_err</span>')
    expect(page).toContain('First 12 rows of 14,302; 8 of 137 columns, those with a role first')
  })

  it('gives each column a distribution in words', () => {
    const page = of('product-preview')
    expect(page).toContain('Distribution of Z from 0 to 3.5, highest near 1.2')
    expect(page).toContain('Values of SPECTYPE: GALAXY 93')
    expect(page).toContain('all distinct')
  })

  it("shows a user's HTML in a sandbox without our origin", () => {
    const frame = /<iframe[^>]*>/.exec(of('product-description'))?.[0] ?? ''
    expect(frame).toContain('sandbox="allow-scripts"')
    expect(frame).toContain('referrerpolicy="no-referrer"')
    expect(frame).not.toContain('allow-same-origin')
  })

  it('keeps the reason beside what is not allowed', () => {
    expect(of('product-nasty')).toContain('not possible: only its owner or an administrator may')
  })

  it('stays small with 1,300 columns', () => {
    expect(of('product-1300-columns').length).toBeLessThan(3_000_000)
    expect(all(of('product-1300-columns-list'), /(<tr>)/g)).toHaveLength(1301)
  })

  it('says which past it shows', () => {
    expect(of('product-past')).toContain('This is the product as of')
    expect(of('product-past')).toContain('as_of=12000')
  })
})

describe('where a product comes from', () => {
  it('says who set each field, and leads to the event in the history', () => {
    const page = of('product-provenance')
    const events = all(of('product-history'), / id="(event-\d+)"/g)
    const told = all(page, /href="\?tab=history#(event-\d+)"/g)
    expect(told).toHaveLength(3)
    expect(told.filter((event) => events.includes(event))).toEqual(['event-4'])
    expect(page).toContain('nothing: this is its first value')
  })

  it('narrows a history to a person and a kind, and offers its feed', () => {
    const page = of('product-history')
    expect(page).toContain('<option value="metadata" selected="">metadata (2)</option>')
    expect(page).toContain('<input type="hidden" name="tab" value="history"/>')
    expect(page).toContain('<a href="/feeds?product=42">Feed</a>')
  })

  it('tells what happened on another server, and whether to believe it', () => {
    expect(of('product-history')).toContain('<strong>Verified:</strong>')
    expect(of('product-history')).toContain('These are the newest 2.')
    expect(of('product-history-not-believed')).toContain('The chain breaks at event 3: &lt;script&gt;')
    expect(of('product-history-not-believed')).toContain('a server that gave no address')
  })

  it('refers to the state that it shows', () => {
    expect(of('product-preview')).toContain('42_desi_dr1_in_the_dp1_fields?as_of=18204')
    expect(of('product-preview')).toContain('href="/api/products/42/provenance/?as_of=18204&amp;format=cff"')
  })
})

describe('a bundle that is refused', () => {
  it('is told at its field, with what is wrong in it', () => {
    const page = of('import-refused')
    expect(page).toContain('<a href="#field-bundle">events.ndjson was changed: &lt;script&gt;')
    expect(page).toContain('Nothing was stored.')
    expect(of('admin-transfer')).toContain('action="/admin/transfer"')
  })
})

describe('a release', () => {
  it('can be retired or brought back, never both', () => {
    expect(of('admin-release-retired')).toContain('action="/admin/releases/2/restore"')
    expect(of('admin-release-retired')).not.toContain('/retire"')
    expect(of('admin-release')).toContain('action="/admin/releases/1/retire"')
    expect(of('admin-release')).not.toContain('/restore"')
  })
})

describe('feeds', () => {
  it('are found by readers from the start page and the lists', () => {
    for (const name of ['home', 'list']) {
      const page = of(name)
      expect(page).toMatch(/<link rel="alternate" href="\/api\/feed\/\?format=atom" type="application\/atom\+xml"/)
    }
  })
})

describe('the list of products', () => {
  it('says of which day it is, and leads to the products of that day', () => {
    const page = of('list-past')
    expect(page).toContain('at the end of 1 March 2026 (UTC)')
    expect(page).toContain('type="date" name="as_of" value="2026-03-01"')
    expect(page).toContain('href="/product/42_product?as_of=2026-03-01"')
  })

  it('marks what is outdated', () => {
    expect(all(of('list'), /(>Out of date<)/g)).toHaveLength(1)
  })

  it('sorts by every column, and says how it is sorted', () => {
    const page = of('list')
    expect(all(page, /class="sort" href="([^"]*)"/g)).toHaveLength(10)
    expect(page).toContain('aria-sort="descending"')
  })

  it('takes a filter away with the link that added it', () => {
    expect(of('list')).toContain('href="/user_products?ordering=-createdAt" aria-current="true"')
  })
})

describe('static files', () => {
  const folder = fileURLToPath(new URL('../../static', import.meta.url))

  it('name colours, sizes of type and fonts in tokens.css alone', async () => {
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.css') || file === 'tokens.css') continue
      const text = (await readFile(`${folder}/${file}`, 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '')
      expect(text.match(/#[0-9a-f]{3,8}\b/gi), file).toBeNull()
      expect(text.match(/font-family:(?!\s*var\()[^;]*/g), file).toBeNull()
      for (const token of text.matchAll(/var\((--[a-z0-9-]+)/g)) expect(await tokens()).toContain(`${token[1]}:`)
    }
  })

  it('has all that the pages and the style sheets refer to', async () => {
    const fonts = all(await tokens(), /url\(([^)]*)\)/g)
    const referred = all(of('home'), /(?:href|src)="\/static\/([^"]*)"/g)
    for (const file of [...fonts, ...referred])
      expect((await readFile(`${folder}/${file}`)).length).toBeGreaterThan(100)
  })

  const tokens = () => readFile(`${folder}/tokens.css`, 'utf8')
})
