import { changePerson } from '../../src/application/people.ts'
import type { TestApp } from './app.ts'
import { accepted } from './products.ts'

/** A release that nobody but its group (and administrators) may use. @returns its number */
export async function closedRelease(app: TestApp, fields: Readonly<Record<string, string>> = {}): Promise<number> {
  const admin = app.as('admin')
  const { results } = accepted(await admin.get('/api/groups/'))
  if (results.length === 0) await changePerson(app.context, admin.request, 1, { groups: ['insiders'] })
  const [group] = accepted(await admin.get('/api/groups/')).results
  const name = `closed-${Math.random().toString(36).slice(2)}`
  const release = { name, is_public: false, access_groups: [group.id], ...fields }
  return accepted(await admin.post('/api/releases/', release)).id
}
