import { command, maintain } from './maintenance.ts'

/** `npm run replay -- <run id>`: carries a run out again from its record, and says whether it gives the same bytes. */
const [id] = process.argv.slice(2)

if (id === undefined || !/^[1-9]\d{0,8}$/.test(id)) {
  console.error('Say which run: npm run replay -- <run id>')
  process.exitCode = 2
} else {
  command(
    () => maintain(`replay?run=${id}`, async ({ replays }) => replays.replay(Number(id))),
    (result) => typeof result === 'object' && result !== null && 'identical' in result && result.identical === true,
  )
}
