import type { RecordedEvent } from '../../eventstore/port.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { RUN_WORDS } from '../../projections/runs/words.ts'
import { type Compared, compared, comparedTrees } from './compared.ts'
import { costsOf, type Divergence, firstDivergence, withoutCosts } from './events.ts'
import { type ComparedFile, compareFiles } from './files.ts'

/** Something that a run read, as the person may see it. */
export interface InputFacts {
  readonly role: 'input' | 'objects'
  /** Null for a release, and for a product that is hidden. */
  readonly productId: number | null
  readonly name: string | null
  /** SHA-256 of what was read. */
  readonly digest: string
}

export interface RunSide {
  readonly row: RunRow
  readonly inputs: readonly InputFacts[]
  readonly events: readonly RecordedEvent[]
}

export interface ComparedInput {
  readonly left: InputFacts | null
  readonly right: InputFacts | null
  /** The same bytes. */
  readonly same: boolean
}

export interface RunComparison {
  /** Pipeline, versions, status and format. */
  readonly facts: readonly Compared[]
  readonly parameters: readonly Compared[]
  readonly inputs: readonly ComparedInput[]
  readonly outputs: readonly ComparedFile[]
  /** What was counted: rows, duplicates. */
  readonly metrics: readonly Compared[]
  /** Time and memory, which are never the same twice: no difference between the runs. */
  readonly costs: readonly Compared[]
  readonly divergence: Divergence | null
}

/** What two runs were asked, with what they were carried out, and what they made. */
export function compareRuns({ row: left, ...before }: RunSide, { row: right, ...after }: RunSide): RunComparison {
  return {
    facts: [
      compared('name', left.displayName, right.displayName),
      compared('pipeline', left.pipelineName, right.pipelineName),
      compared('version of the pipeline', left.pipelineVersion, right.pipelineVersion),
      compared('version of the code', left.softwareVersion, right.softwareVersion),
      compared('output format', left.outputFormat, right.outputFormat),
      compared('rules for flags', left.rules, right.rules),
      compared('status', RUN_WORDS[left.status], RUN_WORDS[right.status]),
      compared('reason of the failure', left.errorReason, right.errorReason),
      compared('asked for by', left.owner, right.owner),
    ],
    parameters: comparedTrees(left.parameters, right.parameters),
    inputs: compareInputs(before.inputs, after.inputs),
    outputs: compareFiles(left.outputs, right.outputs),
    metrics: comparedTrees(withoutCosts(left.metrics), withoutCosts(right.metrics)),
    costs: comparedTrees(costsOf(left.metrics), costsOf(right.metrics)),
    divergence: firstDivergence(before.events, after.events),
  }
}

/** Inputs that are the same bytes belong together, then versions of the same product; the others stand alone. */
export function compareInputs(left: readonly InputFacts[], right: readonly InputFacts[]): ComparedInput[] {
  const others = [...right]
  const take = (fits: (other: InputFacts) => boolean): InputFacts | null => {
    const place = others.findIndex(fits)
    return place < 0 ? null : (others.splice(place, 1)[0] ?? null)
  }
  const sameBytes = left.map((input) => take((other) => other.digest === input.digest && other.role === input.role))
  const matched = left.map((input, place) => {
    const same = sameBytes[place] ?? null
    if (same !== null) return { left: input, right: same, same: true }
    return { left: input, right: take((other) => isVersion(input, other)), same: false }
  })
  return [...matched, ...others.map((input) => ({ left: null, right: input, same: false }))]
}

const isVersion = (a: InputFacts, b: InputFacts): boolean =>
  a.role === b.role && a.productId !== null && a.productId === b.productId
