import type { RunStatus as StatusBadge } from '../../../views/components/badge.tsx'
import { bytes, count } from '../../../views/format.ts'
import type { ReplayView, RunNow, RunRules, RunView } from '../../../views/pages/run.tsx'
import { runConfiguration } from '../../application/run-configuration.ts'
import type { Actor } from '../../domain/actor.ts'
import { mayChange } from '../../domain/product/permissions.ts'
import type { Comparison } from '../../domain/run/events.ts'
import { isFinished, type RunStatus } from '../../domain/run/run.ts'
import { findPipeline } from '../../pipelines/registry.ts'
import { STATUSES } from '../../projections/products/filter.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import type { Replay, RunReportRow, RunRow } from '../../projections/runs/tables.ts'
import { yamlText } from '../../provenance/exports/yaml.ts'

/** A status in the words of the pages. */
export const runStatusOf = (status: RunStatus): StatusBadge => (status === 'succeeded' ? 'successful' : status)

/** How long a run worked, or has worked until `now`; null before it began. */
export function workedFor(run: RunRow, now: Date): number | null {
  if (run.startedAt === null) return null
  const end = run.endedAt === null ? now.getTime() : Date.parse(run.endedAt)
  return Math.max(0, end - Date.parse(run.startedAt))
}

export function runNow(run: RunRow, actor: Actor, now: Date): RunNow {
  const label = run.stage === null ? null : (findPipeline(run.pipeline)?.stages[run.stage] ?? null)
  return {
    id: run.id,
    status: runStatusOf(run.status),
    stage: label,
    fraction: run.fraction,
    startedAt: run.startedAt,
    milliseconds: workedFor(run, now),
    canStop: !isFinished(run.status) && mayChange(actor, run.ownerId),
  }
}

const logText = (reports: readonly RunReportRow[]): string =>
  reports.flatMap((report) => report.lines.map((line) => `${line}\n`)).join('')

interface Around {
  readonly actor: Actor
  readonly now: Date
  readonly reports: readonly RunReportRow[]
  /** Inputs and output, as far as the person may see them. */
  readonly products: ReadonlyMap<number, ListedProduct>
  readonly rules: RunRules | null
  readonly replaying: boolean
  readonly removed: RunView['removed']
}

/** A run as its page shows it. */
export function runView(run: RunRow, { actor, now, reports, products, rules, replaying, removed }: Around): RunView {
  const output = products.get(run.outputProductId)?.product
  const pipeline = { name: run.pipeline, displayName: run.pipelineName, version: run.pipelineVersion }
  const open = !isFinished(run.status) || output?.status === 'processing' || replaying
  return {
    ...runNow(run, actor, now),
    name: run.displayName,
    description: run.description,
    comment: run.comment,
    owner: run.owner,
    pipeline,
    createdAt: run.createdAt,
    endedAt: run.endedAt,
    attempts: run.attempts,
    worker: run.worker,
    softwareVersion: run.softwareVersion,
    error: run.errorReason === null ? null : { reason: run.errorReason, problems: run.problems },
    inputs: run.inputs.map((input) => ({
      name: input.displayName,
      href: products.has(input.productId) ? `/product/${input.internalName}` : null,
      file: `${input.fileName}, ${bytes(input.size)}`,
      columns: Object.entries(input.columns)
        .map(([role, column]) => `${role}: ${column}`)
        .join(', '),
    })),
    objects: objectsOf(run, products),
    rules,
    output: {
      name: output?.displayName ?? run.displayName,
      href: `/product/${output?.internalName ?? run.outputProductId}`,
      status: output === undefined ? 'Gone' : STATUSES[output.status].label,
    },
    files: run.outputs,
    configuration: yamlText(runConfiguration({ ...run, pipeline, inputs: [...run.inputs] })),
    metrics: metricsOf(run.metrics, Object.keys(findPipeline(run.pipeline)?.stages ?? {})),
    log: logText(reports),
    replay: run.replay === null ? null : replayView(run, run.replay),
    replaying,
    canChange: mayChange(actor, run.ownerId),
    removed,
    events: open ? `/runs/${run.id}/events?after=${run.position}` : null,
  }
}

function objectsOf({ objects }: RunRow, products: Around['products']): RunView['objects'] {
  if (objects === null) return null
  if (objects.kind === 'release') {
    return { name: `Objects of the release ${objects.releaseName}`, href: `/releases/${objects.releaseId}`, file: '' }
  }
  const { productId, internalName, displayName, fileName, size } = objects
  const href = products.has(productId) ? `/product/${internalName}` : null
  return { name: displayName, href, file: `${fileName}, ${bytes(size)}` }
}

function replayView(run: RunRow, { identical, at, softwareVersion, pipelineVersion, outputs }: Replay): ReplayView {
  const changed = [
    pipelineVersion === null || pipelineVersion === run.pipelineVersion ? null : `version ${run.pipelineVersion}`,
    softwareVersion === run.softwareVersion ? null : run.softwareVersion,
  ].filter((version) => version !== null)
  return {
    identical,
    at,
    madeBy: pipelineVersion === null ? softwareVersion : `version ${pipelineVersion}, ${softwareVersion}`,
    runMadeBy: changed.length === 0 ? null : changed.join(', '),
    differences: outputs.filter((output) => !output.identical).map(differenceInWords),
  }
}

function differenceInWords({ name, difference }: Comparison): string {
  if (difference === null) return `${name}: all values are the same, but not all bytes of the file.`
  const { row, column, expected, actual } = difference
  const place = [row === null ? null : `row ${row}`, column === null ? null : `column ${column}`].filter(Boolean)
  return `${name}${place.length === 0 ? '' : `, ${place.join(', ')}`}: ${expected} in the record, ${actual} now.`
}

/** The numbers of a run that everybody understands. */
function metricsOf(
  metrics: Readonly<Record<string, unknown>>,
  stages: readonly string[],
): (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = []
  const { rows, duplicates, secondsByStage, peakMemoryBytes } = metrics
  if (typeof rows === 'number') facts.push(['Rows', count(rows)])
  if (typeof duplicates === 'object' && duplicates !== null) {
    for (const [name, value] of Object.entries(duplicates)) {
      if (typeof value === 'number') facts.push([DUPLICATES[name] ?? name, count(value)])
    }
  }
  if (typeof secondsByStage === 'object' && secondsByStage !== null) {
    const seconds = Object.entries(secondsByStage)
      .toSorted(([a], [b]) => stages.indexOf(a) - stages.indexOf(b))
      .map(([stage, value]) => `${stage} ${String(value)} s`)
    facts.push(['Time', seconds.join(', ')])
  }
  if (typeof peakMemoryBytes === 'number') facts.push(['Most memory', bytes(peakMemoryBytes)])
  return facts
}

const DUPLICATES: Readonly<Record<string, string>> = {
  pairs: 'Pairs of neighbours',
  groups: 'Groups of duplicates',
  largestGroup: 'Largest group',
  hardTies: 'Undecided ties',
  drawnTies: 'Ties drawn',
}
