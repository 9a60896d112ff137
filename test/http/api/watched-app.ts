import { afterAll, afterEach, expect } from 'vitest'
import { testApp } from '../../support/app.ts'

/** A site and two of its people for a whole file of tests. After each test nothing was logged as a defect of ours. */
export async function watchedApp() {
  const app = await testApp()
  afterAll(() => app.close())
  afterEach(() => {
    expect(app.logged().match(/"level":"error".*/g) ?? []).toEqual([])
  })
  return { app, alice: app.as('alice'), bob: app.as('bob') }
}
