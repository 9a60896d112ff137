// Under Node 20 a worker thread does not take over the TypeScript loader of its parent: register it, then start.
import { register } from 'tsx/esm/api'

register()
await import('./partner-worker.ts')
