import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { connectedComponents } from '../src/sky/components.ts'
import { crossMatch, internalMatch } from '../src/sky/match.ts'
import { MatchWorkers } from '../src/sky/match-workers.ts'
import { positionsOf, sharedFloat64 } from '../src/sky/positions.ts'

/** Arcsec. */
const RADIUS = 1
const RUNS = 15

interface Case {
  readonly name: string
  readonly left: string
  /** null: an internal match. */
  readonly right: string | null
}

interface Sky {
  readonly ra: Float64Array
  readonly dec: Float64Array
}

/**
 * Cross-match against astropy, scipy and STILTS in the same run, so that the ratios hold on a busy machine. Times are
 * from right ascensions and declinations in memory to pairs in memory (STILTS: the process less its start): scipy's include its
 * unit vectors, astropy's its SkyCoord, ours checking the coordinates and bringing the pairs into order. Astropy and scipy, which use one thread, are compared by processor time,
 * which other people's work on the machine does not lengthen; STILTS and our own threads by the clock. Needs `PARTNER_PYTHON` with astropy and scipy, and `stilts`.
 * `--small` runs a tenth of the rows; `--no-stilts` leaves STILTS out.
 */
export async function run(args: readonly string[]): Promise<void> {
  const million = args.includes('--small') ? 100_000 : 1_000_000
  const folder = mkdtempSync(join(tmpdir(), 'bench-sky-'))
  await using workers = new MatchWorkers(2)
  try {
    const skies: Record<string, Sky> = {}
    for (const kind of ['uniform', 'clustered'] as const) {
      const base = kind === 'uniform' ? uniform(million, 1) : clustered(million, 1)
      skies[`${kind}-a`] = base
      skies[`${kind}-b`] = sprinkled(base, kind === 'uniform' ? uniform(million, 2) : clustered(million, 2), 3)
      const few = million / 10
      skies[`${kind}-twice`] = halves(base, skies[`${kind}-b`]!)
      skies[`${kind}-few`] = { ra: base.ra.slice(0, few), dec: base.dec.slice(0, few) }
    }
    for (const [name, sky] of Object.entries(skies)) writeFileSync(join(folder, `${name}.f64`), packed(sky))
    const cases: Case[] = ['uniform', 'clustered'].flatMap((kind) => [
      { name: `1/10 x 1, ${kind}`, left: `${kind}-few`, right: `${kind}-b` },
      { name: `1 x 1, ${kind}`, left: `${kind}-a`, right: `${kind}-b` },
      { name: `internal, ${kind}`, left: `${kind}-twice`, right: null },
    ])
    print([
      `rows / ${million.toLocaleString('en')}`,
      'pairs',
      'ours',
      'processor',
      'threads',
      'astropy',
      'scipy',
      'STILTS',
    ])
    for (const one of cases) {
      const ours = await measureOurs(one, skies, workers)
      const peers = python(folder, one)
      const stilts = args.includes('--no-stilts') ? null : measureStilts(folder, one)
      for (const [who, pairs] of [['astropy', peers.astropyPairs] as const, ['scipy', peers.scipyPairs] as const]) {
        if (pairs !== ours.pairs) throw new Error(`${one.name}: ${who} found ${pairs} pairs, we ${ours.pairs}.`)
      }
      const expected = one.right === null ? ours.rowsInGroups : ours.pairs
      if (stilts !== null && stilts.rows !== expected) {
        throw new Error(`${one.name}: STILTS found ${stilts.rows}, we ${expected}.`)
      }
      const ratio = (seconds: number, our: number) => `${(seconds / our).toFixed(1)} x`
      print([
        one.name,
        ours.pairs.toLocaleString('en'),
        `${ours.single.toFixed(3)} s`,
        `${ours.processor.toFixed(3)} s`,
        `${ours.double.toFixed(3)} s, ${(ours.single / ours.double).toFixed(2)} x`,
        ratio(peers.astropy, ours.processor),
        ratio(peers.scipy, ours.processor),
        stilts === null ? '-' : ratio(stilts.seconds, ours.single),
      ])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measureOurs(one: Case, skies: Record<string, Sky>, workers: MatchWorkers) {
  const left = skies[one.left]!
  const right = one.right === null ? null : skies[one.right]!
  const match = async (options: { radius: number; workers?: MatchWorkers }) => {
    const a = positionsOf(left.ra, left.dec)
    if (right === null) return (await internalMatch(a, options)).pairs
    return (await crossMatch(a, positionsOf(right.ra, right.dec), options)).pairs
  }
  const pairs = await match({ radius: RADIUS })
  const single: number[] = []
  const processor: number[] = []
  const double: number[] = []
  for (let k = 0; k < RUNS; k++) {
    const before = process.cpuUsage()
    single.push(await timed(() => match({ radius: RADIUS })))
    const { user, system } = process.cpuUsage(before)
    processor.push((user + system) / 1e6)
    double.push(await timed(() => match({ radius: RADIUS, workers })))
  }
  const { group, size } = connectedComponents(left.ra.length, pairs)
  const rowsInGroups = right === null ? group.reduce((n, g) => n + (size[g]! > 1 ? 1 : 0), 0) : 0
  return {
    pairs: pairs.left.length,
    single: median(single),
    processor: median(processor),
    double: median(double),
    rowsInGroups,
  }
}

const PEERS = `
import sys, json, time, numpy as np
from scipy.spatial import cKDTree
from astropy.coordinates import SkyCoord, search_around_sky
from astropy.table import Table
import astropy.units as u
folder, left, right, radius = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
def read(name):
    c = np.fromfile(f"{folder}/{name}.f64").reshape(2, -1).copy()
    Table({"ra": c[0], "dec": c[1]}).write(f"{folder}/{name}.fits", overwrite=True)
    return c
a = read(left)
b = a if right == "-" else read(right)
def vectors(c):
    ra, dec = np.radians(c)
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
chord = 2 * np.sin(np.radians(radius / 3600) / 2)
def scipy_match():
    va = vectors(a)
    ta = cKDTree(va, balanced_tree=False, compact_nodes=False)
    if right == "-":
        return len(ta.query_pairs(chord, output_type="ndarray"))
    tb = cKDTree(vectors(b), balanced_tree=False, compact_nodes=False)
    return len(ta.sparse_distance_matrix(tb, chord, output_type="ndarray"))
def astropy_match():
    ca = SkyCoord(*a, unit="deg")
    cb = ca if right == "-" else SkyCoord(*b, unit="deg")
    n = len(search_around_sky(ca, cb, radius * u.arcsec)[0])
    return (n - a.shape[1]) // 2 if right == "-" else n
def timed(f):
    t = time.process_time(); n = f(); return time.process_time() - t, n
s = [timed(scipy_match) for _ in range(3)]
p = [timed(astropy_match) for _ in range(2)]
print(json.dumps({"scipy": sorted(x[0] for x in s)[1], "scipyPairs": s[0][1], "astropy": min(x[0] for x in p), "astropyPairs": p[0][1]}))
`

function python(folder: string, one: Case) {
  const program = process.env.PARTNER_PYTHON ?? 'python3'
  const args = ['-c', PEERS, folder, one.left, one.right ?? '-', String(RADIUS)]
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as {
    scipy: number
    scipyPairs: number
    astropy: number
    astropyPairs: number
  }
}

function measureStilts(folder: string, one: Case): { seconds: number; rows: number } {
  const file = (name: string) => join(folder, `${name}.fits`)
  const matcher = ['matcher=sky', `params=${RADIUS}`, 'omode=count', 'progress=none']
  const timedCall = (args: readonly string[]) => {
    const began = performance.now()
    const out = execFileSync('stilts', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return { seconds: (performance.now() - began) / 1000, rows: Number(/rows: *(\d+)/.exec(out)?.[1] ?? 0) }
  }
  const start = timedCall(['tpipe', 'ifmt=fits', `in=${file(one.left)}`, 'cmd=head 1', 'omode=count'])
  const whole = timedCall(
    one.right === null
      ? ['tmatch1', 'ifmt=fits', `in=${file(one.left)}`, 'values=ra dec', 'action=identify', ...matcher, IN_GROUPS]
      : [
          'tmatch2',
          ...['ifmt1=fits', `in1=${file(one.left)}`, 'values1=ra dec'],
          ...['ifmt2=fits', `in2=${file(one.right)}`, 'values2=ra dec'],
          'find=all',
          ...matcher,
        ],
  )
  return { seconds: whole.seconds - start.seconds, rows: whole.rows }
}

const IN_GROUPS = 'ocmd=select GroupSize>1'

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, i) => cell.padEnd([22, 10, 9, 10, 16, 9, 9, 9][i] ?? 0)).join(' '))
}

function packed({ ra, dec }: Sky): Uint8Array {
  const both = new Float64Array(ra.length * 2)
  both.set(ra)
  both.set(dec, ra.length)
  return new Uint8Array(both.buffer)
}

/** A repeatable source of numbers in [0, 1) (mulberry32). */
function numbers(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function sky(rows: number, point: () => readonly [number, number]): Sky {
  const out = { ra: sharedFloat64(rows), dec: sharedFloat64(rows) }
  for (let row = 0; row < rows; row++) [out.ra[row], out.dec[row]] = point() as [number, number]
  return out
}

function uniform(rows: number, seed: number): Sky {
  const next = numbers(seed)
  return sky(rows, () => [next() * 360, (Math.asin(2 * next() - 1) * 180) / Math.PI])
}

/** A patch of 100 square degrees with 2,000 clusters an arcminute or two wide. */
function clustered(rows: number, seed: number): Sky {
  const next = numbers(seed)
  const place = numbers(77)
  const clusters = Array.from({ length: 2000 }, () => [50 + place() * 11, -32 + place() * 9] as const)
  return sky(rows, () => {
    if (next() < 0.5) return [50 + next() * 11, -32 + next() * 9]
    const [ra, dec] = clusters[Math.floor(next() * clusters.length)]!
    return [ra + (next() + next() - 1) * 0.05, dec + (next() + next() - 1) * 0.05]
  })
}

/** `other`, with six rows of ten put within half an arcsec of a row of `base`, at random places. */
function sprinkled(base: Sky, other: Sky, seed: number): Sky {
  const next = numbers(seed)
  const rows = base.ra.length
  const order = Uint32Array.from({ length: rows }, (_, i) => i)
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  for (let i = 0; i < rows * 0.6; i++) {
    const row = order[i]!
    const dec = base.dec[i]! + (next() - 0.5) * 2e-4
    other.dec[row] = Math.max(-90, Math.min(90, dec))
    other.ra[row] = Math.max(
      0,
      Math.min(359.999999, base.ra[i]! + ((next() - 0.5) * 2e-4) / Math.cos((dec * Math.PI) / 180)),
    )
  }
  return other
}

/** Half the rows of each: a catalog with repeated objects. */
function halves(a: Sky, b: Sky): Sky {
  const half = a.ra.length / 2
  const join = (x: Float64Array, y: Float64Array) => {
    const column = sharedFloat64(half * 2)
    column.set(x.subarray(0, half))
    column.set(y.subarray(0, half), half)
    return column
  }
  return { ra: join(a.ra, b.ra), dec: join(a.dec, b.dec) }
}
