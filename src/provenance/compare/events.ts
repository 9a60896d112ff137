import { type DomainEvent, isDomainEvent } from '../../domain/events.ts'
import { tell } from '../../domain/words.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { stampOf } from '../../projections/recorded.ts'
import { type Compared, comparedTrees, isSame } from './compared.ts'

/** An event, in words and with its place. */
export interface ToldEvent {
  /** 1 for the first event of its stream. */
  readonly number: number
  readonly position: string
  readonly type: string
  readonly at: string
  readonly actor: string
  readonly words: string
}

/** Where two histories part. */
export interface Divergence {
  /** Events that are the same on both sides, from the first one on. */
  readonly shared: number
  /** The first events that differ; null where a history has ended. */
  readonly left: ToldEvent | null
  readonly right: ToldEvent | null
  /** What differs between the two, when they are of one type. */
  readonly differences: readonly Compared[]
}

/**
 * The first event at which two histories part; null when they tell the same. Events are compared by what they say, see
 * `essenceOf`; reports of progress, which come whenever a machine gets to them, are left out.
 */
export function firstDivergence(left: readonly RecordedEvent[], right: readonly RecordedEvent[]): Divergence | null {
  const [before, after] = [left, right].map((events) => events.map(numbered).filter(isTold))
  if (before === undefined || after === undefined) throw new RangeError('There are two sides')
  for (let shared = 0; shared < Math.max(before.length, after.length); shared++) {
    const [a, b] = [before[shared], after[shared]]
    const differences = a?.event.type === b?.event.type ? comparedTrees(essence(a), essence(b)) : []
    if (a !== undefined && b !== undefined && a.event.type === b.event.type && isSame(essence(a), essence(b))) continue
    return { shared, left: told(a), right: told(b), differences: differences.filter(({ same }) => !same) }
  }
  return null
}

interface Numbered {
  readonly number: number
  readonly event: RecordedEvent
}

const numbered = (event: RecordedEvent, index: number): Numbered => ({ number: index + 1, event })
const isTold = ({ event }: Numbered): boolean => event.type !== 'RunProgressed'
const essence = (each: Numbered | undefined): object => (each === undefined ? {} : essenceOf(each.event))

function told(each: Numbered | undefined): ToldEvent | null {
  if (each === undefined) return null
  const { number, event } = each
  const { actor, at } = stampOf(event)
  return { number, position: event.position, type: event.type, at, actor, words: tell(event).words }
}

/**
 * What an event says, without what is never the same twice: numbers that are given out, what a thing is called and whose it is
 * when it comes into being (that is compared as such), workers, durations. Inputs are their bytes.
 */
function essenceOf(recorded: RecordedEvent): object {
  if (!isDomainEvent(recorded)) return recorded.data
  const event: DomainEvent = recorded
  switch (event.type) {
    case 'ProductRegistered': {
      const { productType, release, pzCode, description, origin, status } = event.data
      return { productType, release: release?.displayName ?? null, pzCode, description, origin, status }
    }
    case 'FileAttached':
    case 'FileRemoved': {
      const { fileId: _, ...file } = event.data
      return file
    }
    case 'MainFileInspected': {
      const { format, rows, columns } = event.data
      return { format, rows, columns: columns.map(({ id: _, ...column }) => column) }
    }
    case 'InspectionFailed':
      return { code: event.data.code, reason: event.data.reason }
    case 'ColumnAssociated': {
      const { columnId: _, ...role } = event.data
      return role
    }
    case 'RunRequested': {
      const { pipeline, parameters, inputs, objects, rules, outputFormat } = event.data
      return {
        pipeline: { name: pipeline.name, version: pipeline.version },
        parameters,
        inputs: inputs.map(({ sha256, columns }) => ({ sha256, columns })),
        objects: objects === null ? null : objects.kind === 'release' ? objects.digest : objects.sha256,
        rules: rules?.sha256 ?? null,
        outputFormat,
      }
    }
    case 'RunStarted':
      return { attempt: event.data.attempt }
    case 'RunAbandoned':
      return {}
    case 'RunSucceeded':
      return { ...event.data, metrics: withoutCosts(event.data.metrics) }
    case 'ReplayVerified':
      return { identical: event.data.identical, outputs: event.data.outputs }
    default:
      return event.data
  }
}

const COSTS: ReadonlySet<string> = new Set(['seconds', 'secondsByStage', 'peakMemoryBytes'])

type Metrics = Readonly<Record<string, unknown>>

/** What a run counted, without the time and the memory that it took: those are never the same twice. */
export const withoutCosts = (metrics: Metrics): Metrics =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => !COSTS.has(name)))

export const costsOf = (metrics: Metrics): Metrics =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => COSTS.has(name)))
