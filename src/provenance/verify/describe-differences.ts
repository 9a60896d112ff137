import type { LedgerHead } from '../../projections/ledger/queries.ts'
import { SEGMENT } from '../../projections/ledger/tables.ts'
import { eventInWords, type Finding } from './finding.ts'
import type { Difference, LogAgainstLedger, Logged } from './log-against-ledger.ts'

/** What the history has of an event. */
export interface KnownEvent {
  readonly id: string
  readonly stream: string
  readonly revision: string
  readonly type: string
  /** Another position at which it was seen too. */
  readonly elsewhere: string | null
}

/** From so many neighbours on that moved by the same number of places, they are told as one. */
const SHIFTED_TOGETHER = 3

/** Events named one by one when the end of the log is gone. */
const NAMED_OF_THE_END = 10

/**
 * What happened to the log, from the positions at which it differs from the ledger: events are recognised by their id (from
 * the history of that time), or by their hash, wherever they stand now.
 */
export async function describeDifferences(
  ledger: LogAgainstLedger,
  head: LedgerHead,
  lookUp: (positions: readonly string[]) => Promise<ReadonlyMap<string, KnownEvent>>,
): Promise<Finding[]> {
  const findings: Finding[] = ledger.damagedSegments.map(({ segment, logAgrees }) => ({
    kind: 'ledger',
    table: 'ledger_segments',
    message: `The row of segment ${segment} of the ledger (events ${segment * SEGMENT} to ${segment * SEGMENT + SEGMENT - 1}) was edited${logAgrees ? '; the log is as its chain says' : ''}`,
  }))
  const excused = new Set(ledger.damagedSegments.filter((each) => each.logAgrees).map((each) => each.segment))
  const differences = ledger.differences.filter(
    ({ recorded }) => recorded === null || !excused.has(Math.floor(recorded.index / SEGMENT)),
  )
  if (differences.length === 0) return findings
  const known = await lookUp(differences.filter((each) => each.recorded !== null).map((each) => each.position))
  findings.push(...new Comparison(differences, known, head).findings())
  if (ledger.unlisted > 0) {
    findings.push({ kind: 'changed', message: `Log and ledger differ at ${ledger.unlisted} more positions` })
  }
  return findings
}

class Comparison {
  readonly #differences: readonly Difference[]
  readonly #known: ReadonlyMap<string, KnownEvent>
  readonly #end: string
  /** Where the ledger has an event, and where the log has it, by id and by hash. */
  readonly #recordedAt = new Map<string, string>()
  readonly #foundAt = new Map<string, string>()

  constructor(differences: readonly Difference[], known: ReadonlyMap<string, KnownEvent>, head: LedgerHead) {
    this.#differences = differences
    this.#known = known
    this.#end = head.position
    for (const { position, recorded, found } of differences) {
      if (recorded !== null) this.#recordedAt.set(recorded.hash, position)
      const id = known.get(position)?.id
      if (recorded !== null && id !== undefined) this.#recordedAt.set(id, position)
      if (found !== null) this.#foundAt.set(found.hash, position).set(found.id, position)
    }
  }

  findings(): Finding[] {
    const moved: { readonly found: Logged; readonly from: string }[] = []
    const gone: Difference[] = []
    const findings: Finding[] = []
    for (const difference of this.#differences) {
      const { position, recorded, found } = difference
      const known = this.#known.get(position)
      if (found !== null && recorded !== null && found.id === known?.id) {
        findings.push(changed(found, known))
        continue
      }
      if (found !== null) {
        const from = this.#recordedAt.get(found.id) ?? this.#recordedAt.get(found.hash)
        if (from !== undefined && from !== position) moved.push({ found, from })
        else if (recorded !== null && known === undefined) findings.push(changed(found, undefined))
        else findings.push(at('inserted', found, `${eventInWords(found)} at position ${position} was inserted`))
      }
      const isElsewhere = [known?.id, recorded?.hash].some((key) => key !== undefined && this.#foundAt.has(key))
      if (recorded === null || isElsewhere || (found !== null && known === undefined)) continue
      if (known?.elsewhere == null) gone.push(difference)
      else moved.push({ found: { ...known, hash: recorded.hash, position: known.elsewhere }, from: position })
    }
    return [...findings, ...this.#moves(moved), ...this.#losses(gone)]
  }

  #moves(moved: readonly { readonly found: Logged; readonly from: string }[]): Finding[] {
    const runs: { readonly found: Logged; readonly from: string }[][] = []
    const by = ({ found, from }: { found: Logged; from: string }) => BigInt(found.position) - BigInt(from)
    for (const move of moved) {
      const run = runs.at(-1)
      if (run?.[0] !== undefined && by(run[0]) === by(move)) run.push(move)
      else runs.push([move])
    }
    return runs.flatMap((run) => {
      const [first, last] = [run[0], run.at(-1)]
      if (first === undefined || last === undefined || run.length < SHIFTED_TOGETHER) {
        return run.map(({ found, from }) =>
          at('moved', found, `${eventInWords(found)} was recorded at position ${from} and stands at ${found.position}`),
        )
      }
      const message = `${run.length} events that were recorded at positions ${first.from} to ${last.from} stand at ${first.found.position} to ${last.found.position}`
      return [at('moved', first.found, message)]
    })
  }

  #losses(gone: readonly Difference[]): Finding[] {
    const ending = gone.filter(({ position }) => position > this.#end)
    const findings = gone
      .filter(({ position }) => position <= this.#end)
      .map(({ position }) => {
        const known = this.#known.get(position)
        const what = known === undefined ? 'An event' : eventInWords(known)
        return {
          kind: 'deleted' as const,
          position,
          ...placeOf(known),
          message: `${what} at position ${position} is gone`,
        }
      })
    const [first] = ending
    if (first === undefined) return findings
    const names = ending.slice(0, NAMED_OF_THE_END).map(({ position }) => {
      const known = this.#known.get(position)
      return `${position}${known === undefined ? '' : ` ${eventInWords(known)}`}`
    })
    const more = ending.length > names.length ? `, and ${ending.length - names.length} more` : ''
    const message = `The log ends at position ${this.#end}; ${ending.length} newer events are gone: ${names.join(', ')}${more}`
    return [
      ...findings,
      { kind: 'truncated', position: first.position, ...placeOf(this.#known.get(first.position)), message },
    ]
  }
}

function changed(found: Logged, known: KnownEvent | undefined): Finding {
  const parts: string[] = []
  if (known !== undefined) {
    if (known.stream !== found.stream) parts.push(`its stream was ${known.stream}`)
    if (known.revision !== found.revision) parts.push(`its revision was ${known.revision}`)
    if (known.type !== found.type) parts.push(`its type was ${known.type}`)
  }
  const what = parts.length > 0 ? parts.join(', ') : 'its data or metadata is not what was recorded'
  return at('changed', found, `${eventInWords(found)} at position ${found.position} was changed: ${what}`)
}

const placeOf = (known: KnownEvent | undefined) =>
  known === undefined ? {} : { stream: known.stream, revision: known.revision, eventType: known.type }

const at = (kind: Finding['kind'], { position, stream, revision, type }: Logged, message: string): Finding => ({
  kind,
  position,
  stream,
  revision,
  eventType: type,
  message,
})
