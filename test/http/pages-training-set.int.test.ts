import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRelease, objectProduct, type Site, trainingSite } from '../pipelines/training-set/run-support.ts'
import type { Client } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { temporaryDirectory } from '../tables/read-table.ts'
import { type Fields, location, post, see } from './pages-forms.ts'

const FORM = '/pipelines/training_set_maker'

let site: Site
let alice: Client
let filled: Fields
beforeAll(async () => {
  site = await trainingSite()
  alice = site.app.as('alice')
  filled = {
    display_name: 'From the form',
    inputs: String(site.redshifts),
    release: `release-${site.release}`,
    radius_arcsec: '0.5',
    find: 'each_object',
    n_neighbors: '1',
    specz_selection: 'all',
    on_invalid_rows: 'drop',
    flux_type: 'cModel',
    convert_flux_to_mag: 'true',
    dereddening: 'none',
    selected_cols: 'i_cModelFlux, i_cModelMag\nobjectId',
    split: 'subsets',
    subset_train: '0.5',
    subset_validation: '0.25',
    subset_test: '0.25',
    random_seed: '7',
    output_format: 'fits',
    intent: 'run',
  }
})
afterAll(() => site.close())

/** What stands below a field as its error. */
const errorOf = (html: string, name: string) => new RegExp(`id="field-${name}-error">([^<]*)<`).exec(html)?.[1]
const fieldOf = (html: string, name: string) => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1]

describe('the form of the Training Set Maker', () => {
  it('offers catalogs, releases with a catalog, and products', async () => {
    const objects = await objectProduct(alice, temporaryDirectory())
    const fluxes = [
      { name: 'cModel', display_name: 'cModel' },
      { name: 'psf', display_name: 'PSF', disabled: true },
    ]
    await addRelease(site.app, 'bare', { fluxes, has_mag_hats: true, has_flux_hats: false })
    const { status, text } = await see(alice, FORM)
    expect(status).toBe(200)
    expect(text).toContain(`<option value="release-${site.release}">Release DR1</option>`)
    expect(text).toMatch(/<option value="release-\d+" disabled="">Release BARE \(no catalog on this server\)/)
    expect(text).toContain(`<option value="product-${objects}">Objects (${objects}_objects, 20 rows)</option>`)
    expect(text).toContain(`type="radio" name="inputs" value="${site.redshifts}"`)
    expect(text).toContain('BARE: cModel.')
    expect(text).toContain('BARE: magnitudes alone.')
    expect((await see(alice, '/pipelines')).text).toContain(`href="${FORM}"`)
  })

  it('keeps what was typed when something is wrong, and says all of it', async () => {
    const wrong = { ...filled, radius_arcsec: 'near', subset_train: '0.9', inputs: '', release: '', display_name: '' }
    const { status, text } = await post(alice, FORM, wrong)
    expect(status).toBe(400)
    expect(errorOf(text, 'radius_arcsec')).toMatch(/^Must be a number/)
    expect(text).toMatch(/<a href="#field-radius_arcsec">Radius: Must be a number/)
    expect(errorOf(text, 'release')).toMatch(/^This field is required/)
    expect(errorOf(text, 'display_name')).toMatch(/blank/)
    expect(text).toMatch(/<p class="pad error">This field is required/)
    expect(text).toMatch(/<a href="#field-subsets">Subsets: [^<]*must add up to 1/)
    expect(text).toMatch(/<p class="error">[^<]*must add up to 1/)
    for (const [, id] of text.matchAll(/href="#(field-[^"]*)"/g)) expect(text).toContain(` id="${id}"`)
    expect([fieldOf(text, 'radius_arcsec'), fieldOf(text, 'subset_train')]).toEqual(['near', '0.9'])
  })

  it('checks without running', async () => {
    const before = accepted(await alice.get('/api/processes/')).count
    const { status, text } = await post(alice, FORM, { ...filled, intent: 'check' })
    expect([status, text.includes('Nothing is wrong with it')]).toEqual([200, true])
    expect(text).toContain('<li>Radius: 0.5 arcsec</li><li>Objects of each redshift: 1</li>')
    expect(text).not.toMatch(/<li>[^<]*(?:null|true|\{)/)
    expect(text).toContain('Objects: dr1')
    expect(accepted(await alice.get('/api/processes/')).count).toBe(before)
  })

  it('asks for what it says, and is filled in from the run', async () => {
    const answer = await post(alice, FORM, filled)
    expect(answer.status).toBe(303)
    const id = Number(/^\/runs\/(\d+)$/.exec(location(answer))?.[1])
    const run = accepted(await alice.get(`/api/processes/${id}/`))
    expect(run).toMatchObject({ display_name: 'From the form', output_format: 'fits', release: site.release })
    expect(run.used_config.param).toMatchObject({
      crossmatch: { radius_arcsec: 0.5, n_neighbors: 1 },
      find: 'each_object',
      on_invalid_rows: 'drop',
      flux_type: 'cModel',
      convert_flux_to_mag: true,
      dereddening: 'none',
      selected_cols: ['i_cModelFlux', 'i_cModelMag', 'objectId'],
      split_method: 'random',
      subsets: { train: 0.5, validation: 0.25, test: 0.25 },
      random_seed: 7,
      rail_ready: false,
    })
    const { text } = await see(alice, `${FORM}?from=${id}`)
    expect(text).toContain('Filled in from the run')
    expect([fieldOf(text, 'radius_arcsec'), fieldOf(text, 'subset_validation')]).toEqual(['0.5', '0.25'])
    expect(text).toContain(`<option value="release-${site.release}" selected="">`)
    expect(text).toMatch(/name="split" value="subsets" checked/)
    expect(text).toContain('i_cModelFlux\ni_cModelMag\nobjectId')
    const release = `/api/releases/${site.release}/`
    accepted(await site.app.as('admin').delete(release))
    const gone = 'The catalog of the release dr1 is no longer published'
    expect((await see(alice, `${FORM}?from=${id}`)).text).toContain(gone)
    accepted(await site.app.as('admin').post(`${release}restore/`))
    const second = location(await post(alice, FORM, { ...filled, output_format: '' })).replace('/runs/', '')
    expect((await see(alice, `${FORM}?from=${second}`)).text).not.toMatch(/<option value="csv" selected/)
    // Bob may not see it.
    expect((await see(site.app.as('bob'), `${FORM}?from=${id}`)).status).toBe(404)
  })
})
