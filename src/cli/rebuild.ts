import { command, given, maintain } from './maintenance.ts'

/** `npm run rebuild [-- <read model> …]`: builds read models anew from the log, while the server (if one runs) goes on serving. */
async function rebuild(): Promise<unknown> {
  const { positionals: names } = given({ allowPositionals: true }, 'Usage: npm run rebuild [-- <read model> …]')
  const query = names.map((name) => `name=${encodeURIComponent(name)}`).join('&')
  return maintain(`rebuild?${query}`, async ({ projections }) => {
    await projections.rebuild(names.length > 0 ? names : undefined)
    return { rebuilt: (await projections.status()).map(({ name, position }) => ({ name, position })) }
  })
}

command(rebuild)
