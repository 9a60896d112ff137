import type { PipelineRequest, RequestProblem } from './pipeline.ts'

/**
 * Says that a request names two formats. The Python client starts from our defaults and sends them along, so a parameter that
 * has its default asks for nothing.
 * @param initial the default of the parameter `output_format`
 */
export function formatProblems(
  { parameters, outputFormat }: Pick<PipelineRequest, 'parameters' | 'outputFormat'>,
  initial: unknown,
): RequestProblem[] {
  if (typeof parameters !== 'object' || parameters === null || !('output_format' in parameters)) return []
  const { output_format: other } = parameters
  if (outputFormat === null || typeof other !== 'string' || other === initial) return []
  if (plain(other) === plain(outputFormat)) return []
  const message = `output_format is "${outputFormat}", but used_config.param.output_format is "${other}": leave one of them out.`
  return [{ field: 'output_format', message }]
}

const plain = (format: string): string => format.trim().toLowerCase()
