import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { closestNames, quoted } from '../../names.ts'
import { readBoolean } from '../booleans.ts'
import { type CastType, readCastType } from '../extra-columns.ts'
import { readPriorities } from '../priority.ts'
import { EXAMPLES } from '../problems.ts'
import { type Expression, ExpressionError, parseExpression } from './expression.ts'
import { FLAG_VALUES, type RuleValues, TYPE_VALUES } from './rule-values.ts'
import type { Condition, Rule, Rules, SurveyRules } from './rules.ts'
import { RulesError, type RulesProblem } from './rules-error.ts'
import { checkCondition, STANDARD_TYPES } from './types.ts'

const MOST_BYTES = 1_000_000
const MOST_SURVEYS = 2_000
const MOST_ENTRIES = 500
const MOST_ALIASES = 1_000
/** The problems that an error lists; the file is wrong enough after these. */
const MOST_PROBLEMS = 100

const SETTINGS = [
  'version',
  'description',
  'tiebreaking_priority',
  'delta_z_threshold',
  'crossmatch_radius_arcsec',
  'crossmatch_n_neighbors',
  'instrument_type_priority',
  'save_expr_columns',
  'expr_column_schema',
  'translation_rules',
]

/** Settings of newer versions of the reference, whatever they are like: its matching has limits and checks that ours has not. */
const FOREIGN_SETTINGS = /^(margin|validate|crossmatch_saturation)_/

/** What newer versions of the reference have within the rules of a survey, without effect on what we make. */
const FOREIGN_RULE_KEYS = ['object_type_translation', 'allow_condition_overlap']

/** The reference's values for settings that a rules file leaves out. */
const DEFAULTS = {
  tiebreaking_priority: ['z_flag_homogenized', 'instrument_type_homogenized'],
  delta_z_threshold: 0,
  crossmatch_radius_arcsec: 0.75,
  instrument_type_priority: { s: 3, g: 2, p: 1 },
}

/** The server's own rules. */
export const DEFAULT_RULES_TEXT: string = readFileSync(new URL('../rules.yaml', import.meta.url), 'utf8')

let defaultRules: Rules | null = null
/** The server's own rules, read. */
export function readDefaultRules(): Rules {
  defaultRules ??= readRules(DEFAULT_RULES_TEXT, 'rules.yaml')
  return defaultRules
}

/**
 * Reads and checks a rules file (YAML): its form, its expressions, and the types of what they read as far as these are
 * the same in every catalog.
 * @throws RulesError with all problems at once
 */
export function readRules(text: string, fileName = 'flags_translation.yaml'): Rules {
  return new RulesReader(text, fileName).read()
}

type Place = readonly (string | number)[]

class RulesReader {
  private readonly problems: RulesProblem[] = []
  private readonly notes: string[] = []
  private readonly foreign = new Set<string>()
  private readonly lines = new LineCounter()
  private readonly document: Document.Parsed | null

  constructor(
    private readonly text: string,
    private readonly fileName: string,
  ) {
    const tooLarge = Buffer.byteLength(text) > MOST_BYTES
    if (tooLarge) this.report([], `it is larger than ${MOST_BYTES} bytes`)
    this.document = tooLarge ? null : parseDocument(text, { lineCounter: this.lines, merge: true, prettyErrors: false })
    for (const { message, pos } of this.document?.errors ?? [])
      this.problems.push({ place: '', line: this.lines.linePos(pos[0]).line, message: `this is not YAML: ${message}` })
  }

  read(): Rules {
    this.stopIfWrong()
    const file = this.contents()
    this.knownSettings(Object.keys(file))
    const rules: Rules = {
      version: typeof file.version === 'string' || typeof file.version === 'number' ? String(file.version) : null,
      digest: createHash('sha256').update(this.text).digest('hex'),
      tiebreakingPriority: readPriorities(this.setting(file, 'tiebreaking_priority'), (message) =>
        this.report(['tiebreaking_priority'], message),
      ),
      deltaZThreshold: this.number(file, 'delta_z_threshold', (value) => value >= 0, 'must be non-negative'),
      crossmatchRadiusArcsec: this.number(
        file,
        'crossmatch_radius_arcsec',
        (value) => value > 0 && value <= 60,
        'must be above 0 and at most 60 arcsec',
      ),
      instrumentTypePriority: this.instrumentTypePriority(this.setting(file, 'instrument_type_priority')),
      saveExpressionColumns: this.boolean(file.save_expr_columns, ['save_expr_columns']),
      expressionColumnTypes: this.castTypes(file.expr_column_schema),
      surveys: this.surveys(file.translation_rules),
      notes: this.notes,
    }
    this.noteIgnored([...this.foreign], 'in translation_rules this server has no such rules')
    if (file.crossmatch_n_neighbors !== undefined)
      this.notes.push('crossmatch_n_neighbors has no effect: every neighbour within the radius is found')
    this.stopIfWrong()
    return rules
  }

  private contents(): Record<string, unknown> {
    try {
      const contents: unknown = this.document?.toJS({ maxAliasCount: MOST_ALIASES })
      if (isMapping(contents)) return contents
      this.report([], 'it must be a mapping with the key translation_rules')
    } catch (error) {
      this.report([], `its aliases cannot be resolved: ${error instanceof Error ? error.message : String(error)}`)
    }
    throw new RulesError(this.fileName, this.problems)
  }

  private stopIfWrong(): void {
    if (this.problems.length === 0) return
    const more = this.problems.length - MOST_PROBLEMS
    const shown = this.problems.slice(0, MOST_PROBLEMS)
    if (more > 0) shown.push({ place: '', line: null, message: `and ${more} more problems` })
    throw new RulesError(this.fileName, shown)
  }

  /** Notes keys that are passed over, if there are any. */
  private noteIgnored(keys: readonly string[], why: string): void {
    if (keys.length === 0) return
    const shown = quoted(keys.slice(0, EXAMPLES).map((key) => key.slice(0, 80)))
    const more = keys.length > EXAMPLES ? ` and ${keys.length - EXAMPLES} more` : ''
    this.notes.push(`The rules file has keys without effect: ${shown}${more} (${why})`)
  }

  private report(place: Place, message: string): void {
    this.problems.push({ place: pathOf(place), line: this.lineOf(place), message })
  }

  private lineOf(place: Place): number | null {
    const nodeAt = (keys: Place): unknown => (keys.length === 0 ? null : this.document?.getIn(keys, true))
    const node = nodeAt(place) ?? nodeAt(place.map(asNumber))
    return isNode(node) && node.range ? this.lines.linePos(node.range[0]).line : null
  }

  private knownKeys(place: Place, keys: readonly string[], known: readonly string[]): void {
    for (const key of keys) {
      if (known.includes(key)) continue
      const [meant] = closestNames(key, known)
      this.report([...place, key], `unknown key${meant ? `; did you mean ${meant}?` : ` (known: ${known.join(', ')})`}`)
    }
  }

  /** Files of other versions shall work, so a setting that is not ours is noted; what looks misspelt is refused. */
  private knownSettings(keys: readonly string[]): void {
    const isForeign = (key: string) =>
      FOREIGN_SETTINGS.test(key) || (!SETTINGS.includes(key) && closestNames(key, SETTINGS).length === 0)
    this.noteIgnored(keys.filter(isForeign), 'this server has no such settings')
    this.knownKeys(
      [],
      keys.filter((key) => !isForeign(key)),
      SETTINGS,
    )
  }

  private setting(file: Record<string, unknown>, key: keyof typeof DEFAULTS): unknown {
    const given = file[key]
    if (given !== undefined && given !== null) return given
    this.notes.push(`The rules file gives no ${key}: ${JSON.stringify(DEFAULTS[key])} is used`)
    return DEFAULTS[key]
  }

  private number(
    file: Record<string, unknown>,
    key: 'delta_z_threshold' | 'crossmatch_radius_arcsec',
    fits: (value: number) => boolean,
    rule: string,
  ): number {
    const value = this.setting(file, key)
    if (typeof value === 'number' && Number.isFinite(value) && fits(value)) return value
    this.report([key], `${key} ${rule}; got ${JSON.stringify(value)}`)
    return 0
  }

  private boolean(value: unknown, place: Place): boolean {
    const read = value === undefined || value === null ? false : readBoolean(value)
    if (read === null) this.report(place, `must be true or false; got ${JSON.stringify(value)}`)
    return read ?? false
  }

  private instrumentTypePriority(value: unknown): ReadonlyMap<string, number> {
    const scores = new Map<string, number>()
    if (!isMapping(value)) {
      this.report(['instrument_type_priority'], 'instrument_type_priority must be a mapping like {s: 3, g: 2, p: 1}')
      return scores
    }
    for (const [type, score] of Object.entries(value)) {
      if (typeof score !== 'number' || !Number.isFinite(score))
        this.report(['instrument_type_priority', type], `must be a number; got ${JSON.stringify(score)}`)
      else scores.set(type.trim().toLowerCase(), score)
    }
    return scores
  }

  private castTypes(value: unknown): ReadonlyMap<string, CastType> {
    const types = new Map<string, CastType>()
    if (value === undefined || value === null) return types
    if (!isMapping(value))
      this.report(['expr_column_schema'], 'must be a mapping from columns to str, float, int or bool')
    else
      for (const [column, name] of Object.entries(value)) {
        const type = readCastType(name)
        if (type === null)
          this.report(
            ['expr_column_schema', column],
            `'${String(name)}' is not a type; types are str, float, int, bool`,
          )
        else types.set(column, type)
      }
    return types
  }

  /** The keys of a survey, or of a rule, that are not foreign ones. */
  private ownKeys(mapping: Record<string, unknown>): string[] {
    const isForeign = (key: string) => FOREIGN_RULE_KEYS.includes(key)
    for (const key of Object.keys(mapping).filter(isForeign)) this.foreign.add(key)
    return Object.keys(mapping).filter((key) => !isForeign(key))
  }

  private surveys(value: unknown): ReadonlyMap<string, SurveyRules> {
    const surveys = new Map<string, SurveyRules>()
    if (!isMapping(value) || Object.keys(value).length > MOST_SURVEYS) {
      this.report(['translation_rules'], `must be a mapping from (at most ${MOST_SURVEYS}) surveys to their rules`)
      return surveys
    }
    for (const [name, rules] of Object.entries(value)) {
      const place = ['translation_rules', name]
      const survey = name.trim().toUpperCase()
      if (surveys.has(survey)) this.report(place, `the survey ${survey} is there twice (case does not matter)`)
      if (!isMapping(rules)) {
        this.report(place, 'must be a mapping with z_flag_translation and instrument_type_translation')
        continue
      }
      this.knownKeys(place, this.ownKeys(rules), ['z_flag_translation', 'instrument_type_translation'])
      surveys.set(survey, {
        flag: this.rule(rules.z_flag_translation, [...place, 'z_flag_translation'], FLAG_VALUES),
        type: this.rule(rules.instrument_type_translation, [...place, 'instrument_type_translation'], TYPE_VALUES),
      })
    }
    return surveys
  }

  private rule<T extends string | number>(value: unknown, place: Place, values: RuleValues<T>): Rule<T> | null {
    if (value === undefined || value === null) return null
    if (!isMapping(value) || Object.keys(value).length > MOST_ENTRIES) {
      this.report(place, `must be a mapping of (at most ${MOST_ENTRIES}) values, default and conditions`)
      return null
    }
    const fallback = this.result(value.default, [...place, 'default'], values)
    const direct = new Map<T, T | null>()
    const ignored: string[] = []
    for (const text of this.ownKeys(value)) {
      if (RULE_KEYS.includes(text)) continue
      const key = values.key(text)
      if (key === null && closestNames(text, RULE_KEYS).length === 0) ignored.push(text)
      else if (key === null)
        this.report(
          [...place, text],
          `unknown key; keys are ${values.keys}, default and conditions (default if nothing fits)`,
        )
      else if (direct.has(key)) this.report([...place, text], `the value ${key} is there twice`)
      else direct.set(key, this.result(value[text], [...place, text], values))
    }
    this.noteIgnored(ignored, `in ${pathOf(place)} keys are ${values.keys}`)
    return {
      fallback,
      direct,
      conditions: this.conditions(value.conditions, [...place, 'conditions'], fallback, values),
    }
  }

  private result<T>(value: unknown, place: Place, values: RuleValues<T>): T | null {
    if (value === undefined || value === null) return null
    const result = values.result(value)
    if (result === undefined)
      this.report(place, `${JSON.stringify(value)} is not a result; results are ${values.results}`)
    return result ?? null
  }

  private conditions<T>(value: unknown, place: Place, fallback: T | null, values: RuleValues<T>): Condition<T>[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value) || value.length > MOST_ENTRIES) {
      this.report(place, `must be a list of (at most ${MOST_ENTRIES}) {expr, value}`)
      return []
    }
    const conditions: Condition<T>[] = []
    for (const [i, item] of value.entries()) {
      const at = [...place, i]
      if (!isMapping(item) || typeof item.expr !== 'string') {
        this.report(at, 'must be {expr: "<condition>", value: <result>}')
        continue
      }
      this.knownKeys(at, Object.keys(item), ['expr', 'value'])
      const expression = this.expression(item.expr, [...at, 'expr'])
      const result = 'value' in item ? this.result(item.value, [...at, 'value'], values) : fallback
      if (expression !== null) conditions.push({ source: item.expr, expression, result })
    }
    return conditions
  }

  private expression(source: string, place: Place): Expression | null {
    try {
      const expression = parseExpression(source)
      checkCondition(expression, (name) => STANDARD_TYPES.get(name) ?? 'unknown')
      return expression
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      this.report(place, `"${source.slice(0, 200)}" is outside the rule language: ${error.message}`)
      return null
    }
  }
}

const RULE_KEYS = ['default', 'conditions']

/** A key of a direct map as YAML has it, for which `3` is a number. */
const asNumber = (part: string | number): string | number =>
  typeof part === 'string' && FLAG_VALUES.key(part) !== null ? Number(part) : part

/** e.g. `translation_rules.DESI.z_flag_translation.conditions[2]`. */
const pathOf = (place: Place): string =>
  place.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
