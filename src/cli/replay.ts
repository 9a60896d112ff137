import { command, given, maintain } from './maintenance.ts'

const USAGE = 'Usage: npm run replay -- <run id>'

/** `npm run replay -- <run id>`: carries a run out again from its record, and says whether it gives the same bytes. */
async function replay(): Promise<unknown> {
  const { positionals } = given({ allowPositionals: true }, USAGE)
  const [id = ''] = positionals
  if (!/^[1-9]\d{0,8}$/.test(id) || positionals.length > 1) throw new Error(USAGE)
  return maintain(`replay?run=${id}`, async ({ replays }) => replays.replay(Number(id)))
}

const isIdentical = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'identical' in result && result.identical === true

command(replay, isIdentical)
