import type { RunRules } from '../../../views/pages/run.tsx'
import { rulesText } from '../../application/run-config.ts'
import type { AppContext } from '../../context.ts'
import { readParameters } from '../../pipelines/combine/parameters.ts'
import { RulesError } from '../../pipelines/combine/rules/rules-error.ts'
import { DEFAULT_RULES_TEXT, readDefaultRules, readRules } from '../../pipelines/combine/rules/rules-file.ts'
import { type Settings, settingsOf } from '../../pipelines/combine/settings.ts'
import { ParametersError } from '../../pipelines/parameters-error.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { hasOwnRules, prioritiesText } from './combine-form.ts'

/** The rules that a run works by, and what they and its parameters amount to; null when it needs none. */
export async function rulesOf(context: AppContext, run: RunRow): Promise<RunRules | null> {
  if (run.rules === null) return null
  const text = await rulesText(context, run.rules)
  const settings = settingsIn(run, text)
  return {
    name: hasOwnRules(run) ? String(run.parameters.flags_translation_file) : "The server's own rules",
    version: settings?.rulesVersion ?? null,
    sha256: run.rules,
    text,
    settings: settings === null ? [] : factsOf(settings),
  }
}

/** Null when today's reader refuses what it took when the run was asked for. */
function settingsIn({ parameters }: RunRow, text: string): Settings | null {
  try {
    const rules = text === DEFAULT_RULES_TEXT ? readDefaultRules() : readRules(text)
    return settingsOf(readParameters(parameters), rules)
  } catch (error) {
    if (error instanceof RulesError || error instanceof ParametersError) return null
    throw error
  }
}

const factsOf = (settings: Settings): RunRules['settings'] => [
  ['Radius', `${settings.crossmatchRadiusArcsec} arcsec`],
  ['Redshifts agree within', settings.deltaZThreshold === 0 ? 'not looked at' : String(settings.deltaZThreshold)],
  ['Decides between duplicates', prioritiesText(settings.tiebreakingPriority)],
]
