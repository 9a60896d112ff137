import { expect, it } from 'vitest'
import { testApp } from '../support/app.ts'
import { accepted, published } from '../support/products.ts'

it('shows uploaded HTML from an address without cookies, to those who hold a token for it', async () => {
  const app = await testApp({ env: { RAW_ORIGIN: 'https://raw.example.org' } })
  try {
    const alice = app.as('alice')
    const id = await published(alice)
    accepted(await alice.upload(id, 'a.html', '<p>a</p>', { role: 1 }))
    accepted(await alice.upload(id, 'b.html', '<p>b</p>', { role: 1 }))
    const { internal_name: name } = accepted(await alice.get(`/api/products/${id}/`))
    const page = await alice.get(`/product/${name}?tab=description`, { Accept: 'text/html' })
    const src = /<iframe[^>]*src="([^"]+)"/.exec(page.text)?.[1] ?? ''
    expect(src).toMatch(/^https:\/\/raw\.example\.org\/raw\/[0-9a-f]{64}\?token=/)
    expect(page.headers.get('content-security-policy')).toContain("frame-src 'self' https://raw.example.org")
    const path = src.replace('https://raw.example.org', '')
    const raw = await app.request(path)
    expect(raw.status).toBe(200)
    expect(raw.text).toBe('<p>a</p>')
    const { results } = accepted(await alice.get(`/api/product-files/?product_id=${id}`))
    const other = results.find((file: { name: string }) => file.name === 'b.html')
    expect((await app.request(path.replace(/[0-9a-f]{64}/, other.sha256))).status).toBe(404)
    expect((await app.request(`${path}x`)).status).toBe(403)
    app.clock.advance(3_600_000)
    expect((await app.request(path)).status).toBe(403)
  } finally {
    await app.close()
  }
})
