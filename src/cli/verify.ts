import { checkLog } from '../application/integrity.ts'
import { command, given, maintain } from './maintenance.ts'

/**
 * `npm run verify [-- --no-content] [--all]`: checks the log, its signed checkpoints, the files and the read models, and prints
 * what is wrong and where. `--no-content` only looks whether the files are there. A log of which much is wrong gets its first
 * findings printed, or with `--all` every one. Exit code 1 when something is wrong.
 */
const MOST_FINDINGS = 200

const isReport = (result: unknown): result is { readonly sound: boolean; readonly findings: readonly unknown[] } =>
  typeof result === 'object' && result !== null && 'sound' in result && 'findings' in result

async function verify(): Promise<unknown> {
  const options = { 'no-content': { type: 'boolean' }, all: { type: 'boolean' } } as const
  const { values } = given({ options }, 'Usage: npm run verify [-- --no-content] [--all]')
  const content = values['no-content'] !== true
  const most = values.all ? Number.POSITIVE_INFINITY : MOST_FINDINGS
  const report = await maintain(`verify?content=${content}`, (context) => checkLog(context, { content }))
  if (!isReport(report) || report.findings.length <= most) return report
  return { ...report, findings: report.findings.slice(0, most), moreFindings: report.findings.length - most }
}

command(verify, (report) => isReport(report) && report.sound)
