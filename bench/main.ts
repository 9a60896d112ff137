import { availableParallelism, loadavg } from 'node:os'
import { pathToFileURL } from 'node:url'

/**
 * `npm run bench [-- <name> …]`: measures against named peers in the same run and prints ratios, each with the check that both
 * did the same work. Names: append, projections, inspect, sky …; all of them when none is given.
 */
const BENCHMARKS = ['append', 'projections', 'inspect', 'sky', 'crc', 'tsm', 'pages', 'as-of'] as const

interface Benchmark {
  run(args: readonly string[]): Promise<void>
}

const [first, ...rest] = process.argv.slice(2)
const names = first === undefined ? BENCHMARKS : BENCHMARKS.filter((name) => name === first)
if (names.length === 0) {
  console.error(`There is no benchmark "${first}"; there are ${BENCHMARKS.join(', ')}`)
  process.exitCode = 2
}
for (const name of names) {
  console.log(`\n# ${name} (${load()})`)
  const benchmark: Benchmark = await import(pathToFileURL(new URL(`./${name}.ts`, import.meta.url).pathname).href)
  await benchmark.run(rest)
  console.log(`(${load()})`)
}

/** Times mean little on a machine that others use. */
function load(): string {
  return `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`
}
