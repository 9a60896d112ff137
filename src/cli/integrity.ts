import { checkLog } from '../application/integrity.ts'
import { command, maintain } from './maintenance.ts'

/** `npm run integrity`: hash chains, blobs and read models against the log. Exit code 1 when something is wrong. */
command(
  () => maintain('integrity', checkLog),
  (report) => typeof report === 'object' && report !== null && 'sound' in report && report.sound === true,
)
