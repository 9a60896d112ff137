import { makeCheckpoint } from '../application/checkpoints.ts'
import { command, maintain } from './maintenance.ts'

/** `npm run checkpoint`: signs what the log is now, keeps that in the data folder, and prints it. */
command(() => maintain('checkpoint', makeCheckpoint))
