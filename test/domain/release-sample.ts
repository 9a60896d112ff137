import type { ReleaseFields } from '../../src/domain/release/release.ts'

/** A release with nothing but its name, open to all. */
export const releaseFields: ReleaseFields = {
  name: 'dp1',
  displayName: 'DP1',
  description: '',
  indexingColumn: 'objectId',
  hasMagHats: false,
  hasFluxHats: false,
  dereddening: [],
  fluxes: [],
  isPublic: true,
  accessGroups: [],
}
