import type { ProductTypeName } from '../domain/product/product-type.ts'
import type { ObjectCatalog, RunInput } from '../domain/run/events.ts'
import type { ChildTask } from '../tables/child/task.ts'

/** Which field of a request is wrong, and what to do about it. */
export interface RequestProblem {
  readonly field: 'inputs' | 'used_config' | 'flags_translation_file' | 'release' | 'object_catalog' | 'output_format'
  readonly message: string
}

/** A product that a person wants to be read: seen by them, published, and a table. */
export interface RequestedInput {
  readonly productType: ProductTypeName
  readonly input: RunInput
  /** The names of all of its columns. */
  readonly columnNames: readonly string[]
  /** Of its main file, e.g. `csv`. */
  readonly format: string | null
}

/** What a person asks a pipeline to do, with everything looked up that needs a database. */
export interface PipelineRequest {
  /** `used_config.param`, as it was sent. */
  readonly parameters: unknown
  /** As it was sent; null: the pipeline's default. */
  readonly outputFormat: string | null
  readonly inputs: readonly RequestedInput[]
  /** The rules file that came along; null: the pipeline's own. */
  readonly rules: { readonly fileName: string; readonly text: string } | null
  /** A release that the person may use. */
  readonly release: { readonly id: number; readonly name: string; readonly indexingColumn: string } | null
  /** A published object catalog. */
  readonly objects: RequestedInput | null
  /** Folder with one object catalog per release; null: this server has none. */
  readonly objectCatalogs: string | null
}

/** A request in which nothing is wrong: complete, so that nothing but it decides what the run makes. */
export interface CheckedRequest {
  /** In the words of the API, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly outputFormat: string
  readonly inputs: readonly RunInput[]
  readonly objects: ObjectCatalog | null
  /** Text of the rules file that the run uses; null: it uses none. */
  readonly rules: string | null
  /** Whether the product that is made belongs to the release of the objects in it. */
  readonly keepsRelease: boolean
}

/** What a child process gets: the record of the run, and where the bytes lie. */
export interface PipelineWork {
  /** What its record calls it, also when a later version carries it out: outputs say so, and are the same in a replay. */
  readonly pipeline: { readonly displayName: string; readonly version: string }
  readonly parameters: Readonly<Record<string, unknown>>
  readonly outputFormat: string
  readonly inputs: readonly { readonly input: RunInput; readonly path: string }[]
  readonly objects: { readonly catalog: ObjectCatalog; readonly path: string } | null
  readonly rules: string | null
  /** An empty folder for the outputs. */
  readonly folder: string
}

/** A file that a run made. */
export interface MadeFile {
  readonly role: 'main' | 'auxiliary'
  readonly name: string
  readonly path: string
  /** Null when it is no table. */
  readonly rows: number | null
}

/** How a run ended, as its child process says it. */
export type PipelineOutcome =
  | {
      readonly kind: 'done'
      readonly files: readonly MadeFile[]
      /** From the role in lower case to the column that has it. */
      readonly associations: Readonly<Record<string, string>>
      readonly metrics: Readonly<Record<string, unknown>>
    }
  /** The inputs or the parameters do not allow it: not our defect, and the same every time. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly problems: readonly string[] }

/** What a child process tells while it works. */
export type PipelineNews =
  | { readonly kind: 'progress'; readonly stage: string /** Of the whole run, 0 to 1. */; readonly fraction: number }
  | { readonly kind: 'line'; readonly level: 'info' | 'warn'; readonly text: string }

/** A pipeline: what it is, what it takes, how a request is checked before anything is recorded, and the work itself. */
export interface Pipeline {
  /** In the JSON API. */
  readonly id: number
  readonly name: string
  /** Raised when the same request may give other bytes. */
  readonly version: string
  readonly displayName: string
  readonly description: string
  /** ISO 8601. */
  readonly createdAt: string
  /** `system_config.param`: what clients start from. */
  readonly defaults: Readonly<Record<string, unknown>>
  readonly acceptedTypes: readonly ProductTypeName[]
  readonly outputType: ProductTypeName
  /** How many inputs it takes. */
  readonly inputs: { readonly least: number; readonly most: number }
  /** Roles, in lower case, that each input must have. */
  readonly requiredRoles: readonly string[]
  /** Whether it takes a rules file. */
  readonly takesRules: boolean
  /** Name of the rules file among the files of the product that is made. */
  readonly rulesFileName: string
  /** Whether it needs a catalog of objects: that of a release, or a product. */
  readonly takesObjects: boolean
  /** The stages of a run, in order, with what people read. */
  readonly stages: Readonly<Record<string, string>>
  /** All problems at once, or what will be recorded. */
  check(request: PipelineRequest): Promise<{ readonly problems: readonly RequestProblem[] } | CheckedRequest>
  readonly task: ChildTask<PipelineWork, PipelineOutcome>
}
