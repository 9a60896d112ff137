import { describe, it } from 'vitest'
import { releaseDecider } from '../../src/domain/release/release.ts'
import { securityDecider } from '../../src/domain/security/security.ts'
import { admin, alice } from './product/samples.ts'
import { releaseFields as fields } from './release-sample.ts'
import { specificationOf } from './specification.ts'

const { given } = specificationOf(releaseDecider)
const defined = { type: 'ReleaseDefined', data: { releaseId: 4, fields } } as const
const retired = { type: 'ReleaseRetired', data: {} } as const
const restored = { type: 'ReleaseRestored', data: {} } as const

describe('a release', () => {
  it('is defined once, by an administrator, with sensible defaults', () => {
    const define = {
      type: 'DefineRelease',
      by: admin,
      releaseId: 4,
      fields: { name: ' dp1 ', displayName: 'DP1' },
    } as const
    given().when(define).thenDecides(defined)
    given()
      .when({ ...define, fields: { name: 'dp1' } })
      .thenDecides({
        type: 'ReleaseDefined',
        data: { releaseId: 4, fields: { ...fields, displayName: 'dp1' } },
      })
    given()
      .when({ ...define, by: alice })
      .thenThrows('forbidden')
    given(defined).when(define).thenThrows('conflict')
  })

  it('is closed when groups are named and nothing is said of the public', () => {
    const define = (more: object) =>
      ({
        type: 'DefineRelease',
        by: admin,
        releaseId: 4,
        fields: { name: 'dp1', displayName: 'DP1', ...more },
      }) as const
    const decides = (more: object) => ({ ...defined, data: { releaseId: 4, fields: { ...fields, ...more } } })
    given()
      .when(define({ accessGroups: [7] }))
      .thenDecides(decides({ accessGroups: [7], isPublic: false }))
    given()
      .when(define({ accessGroups: [7], isPublic: true }))
      .thenDecides(decides({ accessGroups: [7], isPublic: true }))
    given()
      .when(define({ accessGroups: [] }))
      .thenDecides(decides({ isPublic: true }))
  })

  it.each([undefined, '', '../dp1', '.hidden', 'a/b', 'a b', 'x'.repeat(65), 'a\u0000'])('is not named %j', (name) => {
    const named = name === undefined ? {} : { name }
    given().when({ type: 'DefineRelease', by: admin, releaseId: 4, fields: named }).thenThrows('invalid')
  })

  it('records what changed, from what to what', () => {
    given(defined)
      .when({ type: 'ChangeRelease', by: admin, fields: { isPublic: false, accessGroups: [7], name: 'dp1' } })
      .thenDecides({
        type: 'ReleaseChanged',
        data: { from: { isPublic: true, accessGroups: [] }, to: { isPublic: false, accessGroups: [7] } },
      })
    given(defined)
      .when({ type: 'ChangeRelease', by: admin, fields: { description: '  ' } })
      .thenNothing()
    given(defined)
      .when({ type: 'ChangeRelease', by: admin, fields: { indexingColumn: '' } })
      .thenThrows('invalid')
    given(defined).when({ type: 'ChangeRelease', by: alice, fields: {} }).thenThrows('forbidden')
    given().when({ type: 'ChangeRelease', by: admin, fields: {} }).thenThrows('not_found')
  })

  it('is retired once', () => {
    given(defined).when({ type: 'RetireRelease', by: admin }).thenDecides(retired)
    given(defined, retired).when({ type: 'RetireRelease', by: admin }).thenNothing()
    given().when({ type: 'RetireRelease', by: admin }).thenThrows('not_found')
  })

  it('is brought back by an administrator, as often as it is retired', () => {
    const restore = { type: 'RestoreRelease', by: admin } as const
    given(defined, retired).when(restore).thenDecides(restored)
    given(defined).when(restore).thenNothing()
    given(defined, retired, restored).when(restore).thenNothing()
    given(defined, retired, restored).when({ type: 'RetireRelease', by: admin }).thenDecides(retired)
    given(defined, retired)
      .when({ ...restore, by: alice })
      .thenThrows('forbidden')
    given().when(restore).thenThrows('not_found')
  })
})

describe('the security stream', () => {
  it('records what the accounts decided, as it is', () => {
    const acts = [{ type: 'RoleGranted', data: { userId: 2, username: 'alice', role: 'member' } }] as const
    specificationOf(securityDecider)
      .given(...acts)
      .when({ type: 'RecordSecurityActs', acts })
      .thenDecides(...acts)
    specificationOf(securityDecider).given().when({ type: 'RecordSecurityActs', acts: [] }).thenNothing()
  })
})
