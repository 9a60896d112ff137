import { makeCheckpoint } from '../application/checkpoints.ts'
import { command, given, maintain } from './maintenance.ts'

/** `npm run checkpoint`: signs what the log is now, keeps that in the data folder, and prints it. */
async function checkpoint(): Promise<unknown> {
  given({}, 'Usage: npm run checkpoint')
  return maintain('checkpoint', makeCheckpoint)
}

command(checkpoint)
