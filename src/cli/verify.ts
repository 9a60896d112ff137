import { checkLog } from '../application/integrity.ts'
import { command, maintain } from './maintenance.ts'

/**
 * `npm run verify [-- --no-content] [--all]`: checks the log, its signed checkpoints, the files and the read models, and prints
 * what is wrong and where. `--no-content` only looks whether the files are there. A log of which much is wrong gets its first
 * findings printed, or with `--all` every one. Exit code 1 when something is wrong.
 */
const OPTIONS = ['--no-content', '--all']
const given = process.argv.slice(2)
const content = !given.includes('--no-content')
const most = given.includes('--all') ? Number.POSITIVE_INFINITY : 200

const isReport = (result: unknown): result is { readonly sound: boolean; readonly findings: readonly unknown[] } =>
  typeof result === 'object' && result !== null && 'sound' in result && 'findings' in result

async function verify(): Promise<unknown> {
  const unknown = given.find((each) => !OPTIONS.includes(each))
  if (unknown !== undefined) throw new Error(`Unknown: ${unknown}. Usage: npm run verify [-- --no-content] [--all]`)
  const report = await maintain(`verify?content=${content}`, (context) => checkLog(context, { content }))
  if (!isReport(report) || report.findings.length <= most) return report
  return { ...report, findings: report.findings.slice(0, most), moreFindings: report.findings.length - most }
}

command(verify, (report) => isReport(report) && report.sound)
