import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { DomainError } from '../../domain/error.ts'
import type { Comparison, RunOutput } from '../../domain/run/events.ts'
import type { Run } from '../../domain/run/run.ts'
import type { TableSource } from '../../tables/table.ts'
import type { MadeFile, Pipeline, PipelineOutcome } from '../pipeline.ts'
import { findPipeline } from '../registry.ts'
import { explain } from '../worker/carry-out.ts'
import type { Workplace } from '../worker/ports.ts'

/** What a replay found. */
export interface ReplayResult {
  readonly identical: boolean
  readonly outputs: readonly Comparison[]
}

export interface ReplayPorts extends Workplace {
  /** @throws DomainError `not_found` */
  read(runId: number): Promise<Run>
  /** Where the bytes that the run made lie. */
  path(sha256: string): Promise<string>
  compare(expected: TableSource, actual: TableSource): Promise<Comparison['difference']>
  /** @param pipelineVersion of the pipeline that carried the run out again */
  record(runId: number, pipelineVersion: string, outputs: readonly Comparison[]): Promise<void>
}

/** Carries out runs again from their records, and says whether they give the same bytes. */
export class Replays {
  readonly #ports: ReplayPorts
  readonly #going = new Map<number, Promise<ReplayResult>>()
  readonly #ending = new AbortController()

  constructor(ports: ReplayPorts) {
    this.#ports = ports
  }

  /** The replay of a run that is under way. */
  going(runId: number): Promise<ReplayResult> | undefined {
    return this.#going.get(runId)
  }

  /**
   * Replays a run that succeeded; joins a replay of it that is under way. The result is recorded.
   * @throws DomainError `not_found`, `conflict`
   */
  replay(runId: number): Promise<ReplayResult> {
    const going = this.#going.get(runId)
    if (going !== undefined) return going
    const replay = this.#replay(runId).finally(() => this.#going.delete(runId))
    this.#going.set(runId, replay)
    return replay
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await Promise.allSettled(this.#going.values())
  }

  async #replay(runId: number): Promise<ReplayResult> {
    const run = await this.#ports.read(runId)
    if (run.status !== 'succeeded') throw new DomainError('conflict', 'Only a run that succeeded can be replayed.')
    const pipeline = findPipeline(run.pipeline.name)
    if (pipeline === undefined) throw new DomainError('conflict', `There is no pipeline ${run.pipeline.name} any more.`)
    const outputs = await this.#carryOut(run, pipeline)
    await this.#ports.record(runId, pipeline.version, outputs)
    return { identical: outputs.every((output) => output.identical), outputs }
  }

  async #carryOut(run: Run, pipeline: Pipeline): Promise<Comparison[]> {
    const folder = await this.#ports.makeFolder()
    try {
      const work = await this.#ports.prepare(run, folder)
      const options = { signal: this.#ending.signal, onNews: () => undefined }
      const outcome = await this.#ports.carry(pipeline.task, work, options)
      return await this.#compareAll(run, outcome)
    } catch (error) {
      const told = this.#ending.signal.aborted ? null : explain(error)
      if (told === null) throw error
      return run.outputs.map((output) => without(output, told.reason))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #compareAll(run: Run, outcome: PipelineOutcome): Promise<Comparison[]> {
    if (outcome.kind === 'refused') return run.outputs.map((output) => without(output, outcome.reason))
    const comparisons: Comparison[] = []
    for (const output of run.outputs) {
      const made = outcome.files.find((file) => file.name === output.name)
      comparisons.push(made === undefined ? without(output, 'it was not made') : await this.#compare(output, made))
    }
    return comparisons
  }

  async #compare(output: RunOutput, made: MadeFile): Promise<Comparison> {
    const actual = await digestOf(made.path)
    const { name, sha256 } = output
    if (actual === sha256) return { name, identical: true, expected: sha256, actual, difference: null }
    return { name, identical: false, expected: sha256, actual, difference: await this.#difference(output, made) }
  }

  async #difference(output: RunOutput, made: MadeFile): Promise<Comparison['difference']> {
    if (output.rows === null) return null
    try {
      const expected = { path: await this.#ports.path(output.sha256), fileName: output.name }
      return await this.#ports.compare(expected, { path: made.path, fileName: made.name })
    } catch (error) {
      const told = explain(error)
      if (told === null) throw error
      return { row: null, column: null, expected: 'two tables to compare', actual: told.reason }
    }
  }
}

/** An output that the replay did not give. */
const without = ({ name, sha256 }: RunOutput, reason: string): Comparison => ({
  name,
  identical: false,
  expected: sha256,
  actual: null,
  difference: { row: null, column: null, expected: 'the file', actual: reason },
})

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
