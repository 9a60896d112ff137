import type { RunRow } from '../../projections/runs/tables.ts'
import { type Body, listOf } from '../body.ts'
import { textOf } from './product-form.ts'

/** What a form is filled from: what a run was asked for. */
export type AskedRun = Pick<
  RunRow,
  'id' | 'displayName' | 'description' | 'parameters' | 'inputs' | 'objects' | 'rules' | 'outputFormat'
>

/** The fields of a form that asks for a run, as they were sent. */
export function runFormOf(body: Body) {
  const text = (name: string) => textOf(body, name).replaceAll('\r\n', '\n').trim()
  return {
    text,
    /** Whether a box is ticked. */
    on: (name: string) => textOf(body, name) !== '',
    /** What every pipeline asks for. */
    common: {
      displayName: text('display_name'),
      description: text('description'),
      inputs: listOf(body.fields.inputs)
        .map(Number)
        .filter((id) => Number.isSafeInteger(id) && id > 0),
    },
  }
}

/** A number as the API takes it. What is none is handed on for the pipeline to refuse; nothing stays nothing. */
export function numberOf(text: string): number | string {
  const value = Number(text)
  return text === '' || Number.isNaN(value) ? text : value
}

/** Without what was not sent: that is left to the pipeline. */
export const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
