import { checkLog } from '../application/integrity.ts'
import { command, maintain } from './maintenance.ts'

/**
 * `npm run verify [-- --no-content]`: checks the log, its signed checkpoints, the files and the read models, and prints what is
 * wrong and where. `--no-content` only looks whether the files are there. Exit code 1 when something is wrong.
 */
const content = !process.argv.includes('--no-content')

command(
  () => maintain(`verify?content=${content}`, (context) => checkLog(context, { content })),
  (report) => typeof report === 'object' && report !== null && 'sound' in report && report.sound === true,
)
