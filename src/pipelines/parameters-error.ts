/** Parameters that cannot be used, with everything that is wrong with them, by parameter. */
export class ParametersError extends Error {
  readonly code = 'invalid_parameters'

  constructor(readonly problems: readonly { readonly parameter: string; readonly message: string }[]) {
    super(`The parameters cannot be used:\n${problems.map(({ message }) => `- ${message}`).join('\n')}`)
    this.name = 'ParametersError'
  }
}
