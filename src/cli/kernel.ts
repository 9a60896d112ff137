import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * `npm run kernel`: makes src/sky/kernel/kernel.wasm of its source, in AssemblyScript, or the file that is named. A test says when it
 * is out of date.
 */
const root = new URL('../../', import.meta.url)
const run = (tool: string, ...args: readonly string[]) =>
  promisify(execFile)(fileURLToPath(new URL(`node_modules/.bin/${tool}`, root)), args)

const folder = new URL('src/sky/kernel/', root)
const output = process.argv[2] ?? fileURLToPath(new URL('kernel.wasm', folder))
await run(
  'asc',
  fileURLToPath(new URL('assembly/kernel.ts', folder)),
  ...['--outFile', output, '--optimizeLevel', '2', '--noAssert', '--runtime', 'stub'],
  ...['--importMemory', '--maximumMemory', '65536'],
  ...['--enable', 'bulk-memory', '--enable', 'nontrapping-f2i'],
)
// Its own optimizer leaves calls in the innermost loops.
await run(
  'wasm-opt',
  ...[output, '-o', output, '-O3'],
  ...['--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-mutable-globals', '--enable-sign-ext'],
  ...['--flexible-inline-max-function-size=400', '--one-caller-inline-max-function-size=1000'],
  '--inline-functions-with-loops',
)
