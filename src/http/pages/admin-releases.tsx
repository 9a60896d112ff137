import { Hono } from 'hono'
import {
  type ReleaseErrors,
  type ReleaseForm,
  ReleasePage,
  ReleasesPage,
} from '../../../views/pages/admin/releases.tsx'
import { listGroups } from '../../accounts/groups.ts'
import { accountsOf } from '../../application/people.ts'
import { changeRelease, defineRelease } from '../../application/releases.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { holdingsByRelease } from '../../projections/products/holdings.ts'
import { findRelease, listReleases } from '../../projections/releases/queries.ts'
import type { ReleaseRow } from '../../projections/releases/tables.ts'
import { number } from '../api/check.ts'
import { type Body, listOf, readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import type { Problem } from '../problem.ts'
import { refusal, statusOf, textOf } from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

const NEW: ReleaseForm = {
  name: '',
  displayName: '',
  description: '',
  indexingColumn: 'objectId',
  hasMagHats: false,
  hasFluxHats: false,
  isPublic: true,
  groups: [],
}

/** `/admin/releases` and `/admin/releases/<id>`. */
export function releasePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const ONE = '/admin/releases/:id{[0-9]{1,9}}'

  router.get('/admin/releases', (c) => showAll(c))

  router.post('/admin/releases', async (c) => {
    await using body = await readBody(c.req.raw)
    const values = typed(body)
    try {
      await defineRelease(context, requestOf(c), fieldsOf(values))
    } catch (error) {
      return showAll(c, { problem: refusal(error), values })
    }
    leaveFlash(c, { kind: 'success', text: `The release ${values.displayName} is defined.` })
    return c.redirect('/admin/releases', 303)
  })

  router.get(ONE, (c) => showOne(c))

  router.post(ONE, async (c) => {
    await using body = await readBody(c.req.raw)
    const values = typed(body)
    try {
      const change = { type: 'ChangeRelease', fields: fieldsOf(values) } as const
      await changeRelease(context, requestOf(c), Number(c.req.param('id')), change)
    } catch (error) {
      return showOne(c, { problem: refusal(error), values })
    }
    leaveFlash(c, { kind: 'success', text: 'Saved.' })
    return c.redirect('/admin/releases', 303)
  })

  router.post(`${ONE}/retire`, async (c) => {
    await changeRelease(context, requestOf(c), Number(c.req.param('id')), { type: 'RetireRelease' })
    leaveFlash(c, { kind: 'success', text: 'The release is retired.' })
    return c.redirect('/admin/releases', 303)
  })

  router.post(`${ONE}/restore`, async (c) => {
    await changeRelease(context, requestOf(c), Number(c.req.param('id')), { type: 'RestoreRelease' })
    leaveFlash(c, { kind: 'success', text: 'The release is back: it can be chosen again.' })
    return c.redirect('/admin/releases', 303)
  })

  const groupChoices = async () =>
    (await listGroups(accountsOf(context))).map(({ id, name }) => ({ value: String(id), label: name }))

  async function showAll(c: PageContext, again?: { readonly problem: Problem; readonly values: ReleaseForm }) {
    const { drizzle } = context.database
    const [releases, holdings, groups] = await Promise.all([
      listReleases(drizzle, requestOf(c).actor, { withRetired: true }),
      holdingsByRelease(drizzle),
      groupChoices(),
    ])
    return c.html(
      <ReleasesPage
        frame={frameOf(context, c, 'admin')}
        releases={releases.map((release) => ({
          id: release.id,
          name: release.name,
          displayName: release.displayName,
          description: release.description || null,
          isPublic: release.isPublic,
          groups: groups.filter(({ value }) => release.accessGroups.includes(Number(value))).map(({ label }) => label),
          products: holdings.get(release.id)?.products ?? 0,
          catalogs: [
            ...(release.hasMagHats ? ['magnitudes' as const] : []),
            ...(release.hasFluxHats ? ['fluxes' as const] : []),
          ],
          retired: release.retired,
        }))}
        values={again?.values ?? NEW}
        groups={groups}
        errors={again ? errorsOf(again.problem) : {}}
      />,
      again ? statusOf(again.problem) : 200,
    )
  }

  async function showOne(c: PageContext, again?: { readonly problem: Problem; readonly values: ReleaseForm }) {
    const id = Number(c.req.param('id'))
    const release = await findRelease(context.database.drizzle, requestOf(c).actor, id)
    if (release === null) throw notFound()
    return c.html(
      <ReleasePage
        frame={frameOf(context, c, 'admin')}
        id={id}
        retired={release.retired}
        values={again?.values ?? formOf(release)}
        groups={await groupChoices()}
        errors={again ? errorsOf(again.problem) : {}}
      />,
      again ? statusOf(again.problem) : 200,
    )
  }
  return router
}

/** @throws DomainError `invalid` when what names a group is no number */
function fieldsOf({ groups, ...values }: ReleaseForm) {
  return { ...values, accessGroups: groups.map((group) => number('access_groups', group)) }
}

const formOf = (release: ReleaseRow): ReleaseForm => ({
  name: release.name,
  displayName: release.displayName,
  description: release.description,
  indexingColumn: release.indexingColumn,
  hasMagHats: release.hasMagHats,
  hasFluxHats: release.hasFluxHats,
  isPublic: release.isPublic,
  groups: release.accessGroups.map(String),
})

const typed = (body: Body): ReleaseForm => ({
  name: textOf(body, 'name'),
  displayName: textOf(body, 'displayName'),
  description: textOf(body, 'description').replaceAll('\r\n', '\n'),
  indexingColumn: textOf(body, 'indexingColumn'),
  hasMagHats: textOf(body, 'hasMagHats') === 'true',
  hasFluxHats: textOf(body, 'hasFluxHats') === 'true',
  isPublic: textOf(body, 'isPublic') === 'true',
  groups: listOf(body.fields.groups).map(String),
})

const FIELDS: Readonly<Record<string, keyof ReleaseForm>> = {
  display_name: 'displayName',
  indexing_column: 'indexingColumn',
  access_groups: 'groups',
  description: 'description',
}

function errorsOf({ fields, detail }: Problem): ReleaseErrors {
  const entries = Object.entries(fields ?? {}).map(([name, text]) => [FIELDS[name] ?? 'name', [text].flat().join(' ')])
  return entries.length === 0 ? { name: detail } : Object.fromEntries(entries)
}
