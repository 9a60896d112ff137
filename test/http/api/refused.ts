import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TestApp } from '../../support/app.ts'

/** Runs requests that must be refused with one of these statuses, and must leave no event and no byte behind. */
export async function refused(
  app: TestApp,
  statuses: readonly number[],
  requests: () => AsyncIterable<{ status: number; text: string }>,
): Promise<void> {
  const before = await app.context.store.head()
  for await (const { status, text } of requests())
    expect([status, text]).toEqual([expect.toBeOneOf([...statuses]), text])
  expect(await app.context.store.head()).toBe(before)
  expect(await readdir(join(app.dataDir, 'tmp'))).toEqual([])
}
