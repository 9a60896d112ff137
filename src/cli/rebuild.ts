import { command, maintain } from './maintenance.ts'

/** `npm run rebuild [-- <read model> …]`: builds read models anew from the log, while the server (if one runs) goes on serving. */
const names = process.argv.slice(2)
const query = names.map((name) => `name=${encodeURIComponent(name)}`).join('&')

command(() =>
  maintain(`rebuild?${query}`, async ({ projections }) => {
    await projections.rebuild(names.length > 0 ? names : undefined)
    return { rebuilt: (await projections.status()).map(({ name, position }) => ({ name, position })) }
  }),
)
