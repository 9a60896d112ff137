import { describe, expect, it } from 'vitest'
import type { DomainEvent } from '../../src/domain/events.ts'
import { PRODUCT_EVENTS } from '../../src/domain/product/events.ts'
import { RELEASE_EVENTS } from '../../src/domain/release/release.ts'
import { SECURITY_EVENTS } from '../../src/domain/security/security.ts'
import { tell } from '../../src/domain/words.ts'
import { associated, attached, blob, event, inspected, registered, removed } from './product/samples.ts'
import { releaseFields as release } from './release-sample.ts'

const subject = { userId: 2, username: 'alice' }
const edited = (changes: Extract<DomainEvent, { type: 'MetadataEdited' }>['data']['changes']): DomainEvent => ({
  type: 'MetadataEdited',
  data: { changes },
})

const EXAMPLES: readonly (readonly [DomainEvent, string])[] = [
  [registered(), 'registered "A catalog" as Reference Redshift Catalog'],
  [registered('training_set', 'processing'), 'began to make "A catalog" with Upload'],
  [attached(), 'added the main file catalog.csv (10 bytes)'],
  [
    {
      type: 'FileAttached',
      data: {
        fileId: 1,
        role: 'main',
        name: 'a.csv',
        mediaType: null,
        sha256: '0'.repeat(64),
        size: 2_140_000,
        original: { name: 'a.zip', ...blob(5) },
      },
    },
    'added the main file a.csv (2.1 MB, taken out of a.zip)',
  ],
  [removed(2, 'auxiliary', 'notes.txt'), 'removed the auxiliary file notes.txt'],
  [removed(1, 'main', 'a.csv', true), 'replaced the main file a.csv'],
  [inspected(['z']), 'inspected the main file: 2 rows, 1 column, csv'],
  [
    { type: 'InspectionFailed', data: { fileId: 1, code: 'not_a_table', reason: 'It is a picture.' } },
    'could not read the main file as a table: It is a picture.',
  ],
  [associated(1, 'redshift', 'z'), 'set the role of redshift to z'],
  [associated(1, 'redshift', null, 'z'), 'took the role z from redshift'],
  [edited({ displayName: { from: 'A', to: 'B' } }), 'set the name to B'],
  [edited({ pzCode: { from: 'bpz', to: null } }), 'took away the photo-z code'],
  [edited({ description: { from: null, to: 'long' } }), 'changed the description'],
  [edited({ productType: { from: 'other', to: 'training_set' } }), 'set the product type to Training Set'],
  [edited({ release: { from: null, to: { id: 1, displayName: 'DP1' } } }), 'set the release to DP1'],
  [
    edited({ displayName: { from: 'A', to: 'B' }, pzCode: { from: null, to: 'bpz' } }),
    'changed the name, photo-z code',
  ],
  [event('ProductMarkedOfficial'), 'marked it official'],
  [event('ProductUnmarkedOfficial'), 'took away the official mark'],
  [event('ProductPublished'), 'published it'],
  [{ type: 'ProcessingFailed', data: { reason: 'No rows.' } }, 'could not be made: No rows.'],
  [event('ProductDeleted'), 'deleted it'],
  [event('ProductRestored'), 'restored it'],
  [{ type: 'ProductPurged', data: { files: [{ name: 'a', ...blob(1) }] } }, 'destroyed its 1 file for good'],
  [
    {
      type: 'ProductImported',
      data: {
        from: {
          server: 'https://other.example.org',
          stream: 'product-7',
          events: 12,
          lastHash: 'a'.repeat(64),
          signedBy: 'b'.repeat(64),
          signedAt: '2026-03-14T09:00:00.000Z',
        },
        history: blob(1),
        proof: blob(2),
        files: [],
      },
    },
    'imported it from https://other.example.org, where it was product-7, with 12 events',
  ],
  [{ type: 'ReleaseDefined', data: { releaseId: 1, fields: release } }, 'defined the release DP1'],
  [
    { type: 'ReleaseChanged', data: { from: { isPublic: true }, to: { isPublic: false } } },
    'set the public mark to no',
  ],
  [
    { type: 'ReleaseChanged', data: { from: { accessGroups: [] }, to: { accessGroups: [1, 2] } } },
    'set the access groups to 1, 2',
  ],
  [{ type: 'ReleaseRetired', data: {} }, 'retired the release'],
  [{ type: 'ReleaseRestored', data: {} }, 'brought the release back'],
  [{ type: 'RoleGranted', data: { ...subject, role: 'member' } }, 'made the account alice'],
  [{ type: 'RoleGranted', data: { ...subject, role: 'admin' } }, 'made alice an administrator'],
  [{ type: 'RoleRevoked', data: { ...subject, role: 'member' } }, 'closed the account alice'],
  [{ type: 'RoleRevoked', data: { ...subject, role: 'admin' } }, 'took administrator rights from alice'],
  [
    { type: 'TokenIssued', data: { ...subject, tokenId: 1, name: 'laptop', scopes: ['read'], expiresAt: null } },
    'made the API token "laptop" of alice',
  ],
  [
    { type: 'TokenRevoked', data: { ...subject, tokenId: 1, name: 'laptop' } },
    'revoked the API token "laptop" of alice',
  ],
  [
    { type: 'GroupMembershipChanged', data: { ...subject, groups: [{ id: 1, name: 'lsst' }] } },
    'set the groups of alice to lsst',
  ],
  [{ type: 'GroupMembershipChanged', data: { ...subject, groups: [] } }, 'set the groups of alice to none'],
]

describe('events in words', () => {
  it.each(EXAMPLES)('%#: %j', (example, words) => expect(tell(example).words).toBe(words))

  it('has an example of every type of product, release and security events', () => {
    const types = [...PRODUCT_EVENTS, ...RELEASE_EVENTS, ...SECURITY_EVENTS].map(({ type }) => type)
    expect(types.filter((type) => !EXAMPLES.some(([example]) => example.type === type))).toEqual([])
  })

  it('tells what changed, before and after', () => {
    expect(tell(edited({ displayName: { from: 'A', to: 'B' } })).changes).toEqual([
      { field: 'name', from: 'A', to: 'B' },
    ])
    expect(tell(associated(1, 'c', 'z', 'RA')).changes).toEqual([{ field: 'role of c', from: 'RA', to: 'z' }])
    const ucd = (from: string | null, to: string | null) =>
      tell({
        type: 'ColumnAssociated',
        data: { columnId: 1, columnName: 'c', alias: 'mine', ucd: to, previous: { alias: 'mine', ucd: from } },
      })
    expect(ucd(null, 'meta.id')).toEqual({
      words: 'set the UCD of c to meta.id',
      changes: [{ field: 'UCD of c', from: null, to: 'meta.id' }],
    })
    expect(ucd('meta.id', null).words).toBe('took the UCD meta.id from c')
    expect(tell(event('ProductMarkedOfficial')).changes).toEqual([{ field: 'official', from: 'no', to: 'yes' }])
  })
})
