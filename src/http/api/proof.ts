import { Type } from '@sinclair/typebox'
import { makeCheckpoint } from '../../application/checkpoints.ts'
import { checkLog } from '../../application/integrity.ts'
import { productProof, proveConsistency } from '../../application/product-proof.ts'
import { DomainError } from '../../domain/error.ts'
import { CheckpointFiles } from '../../provenance/checkpoint/checkpoint-files.ts'
import { loadSigningKey } from '../../provenance/checkpoint/signing-key.ts'
import { endpoint } from './endpoint.ts'
import { idOf } from './products.ts'

const TAG = 'Proof'
const Size = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

const Checkpoint = Type.Object(
  {
    checkpoint: Type.Object({
      format: Type.Literal('photoz-checkpoint'),
      version: Type.Literal(1),
      server: Type.Union([Type.String(), Type.Null()]),
      size: Type.Integer({ description: 'events in the log' }),
      position: Type.String({ description: 'of the last of them' }),
      chainHead: Type.String({ description: 'last entry of the chain over the whole log' }),
      root: Type.String({ description: 'Merkle root over the hashes of all events (RFC 6962)' }),
      time: Type.String(),
      previous: Type.Union([Type.String(), Type.Null()], { description: 'digest of the checkpoint before' }),
    }),
    key: Type.String({ description: 'SHA-256 of the public key' }),
    signature: Type.String({ description: 'Ed25519 over the canonical JSON (RFC 8785) of `checkpoint`, base64' }),
  },
  { $id: 'SignedCheckpoint' },
)

const NONE_YET = 'There is no checkpoint yet. The server signs one by itself; whoever has an account may ask for one.'

export const proofEndpoints = [
  endpoint({
    method: 'get',
    path: '/proof/key/',
    tag: TAG,
    summary: 'The public key that checkpoints are signed with',
    access: 'anyone',
    responses: { 200: { description: 'Ed25519, SPKI in PEM' } },
    async handle({ context, http }) {
      const { fingerprint, publicPem } = await loadSigningKey(context.config.dataDir)
      return http.json({ algorithm: 'Ed25519', key: fingerprint, public_key: publicPem })
    },
  }),
  endpoint({
    method: 'get',
    path: '/proof/checkpoint/',
    tag: TAG,
    summary: 'The newest signed checkpoint, or that of a given size',
    access: 'anyone',
    query: Type.Object({ size: Type.Optional(Size('number of events that the checkpoint covers')) }),
    responses: { 200: { description: 'What the log was', schema: Checkpoint } },
    async handle({ context, query, http }) {
      const files = new CheckpointFiles(context.config.dataDir)
      const signed = query.size === undefined ? await files.last() : await files.of(query.size)
      if (signed !== null) return http.json(signed)
      throw new DomainError(
        'not_found',
        query.size === undefined ? NONE_YET : `No checkpoint covers ${query.size} events.`,
      )
    },
  }),
  endpoint({
    method: 'post',
    path: '/proof/checkpoint/',
    tag: TAG,
    summary: 'Sign what the log is now',
    description: 'Gives the last checkpoint again when nothing was recorded since.',
    responses: { 200: { description: 'What the log is', schema: Checkpoint } },
    handle: async ({ context, http }) => http.json(await makeCheckpoint(context)),
  }),
  endpoint({
    method: 'get',
    path: '/proof/consistency/',
    tag: TAG,
    summary: 'Prove that a longer log begins with a shorter one',
    access: 'anyone',
    query: Type.Object({ from: Size('events of the older checkpoint'), to: Size('events of the newer one') }),
    responses: { 200: { description: 'Hashes, as RFC 6962 (section 2.1.2) orders them' } },
    handle: async ({ context, query, http }) => http.json(await proveConsistency(context, query.from, query.to)),
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/proof/',
    tag: TAG,
    summary: 'Prove that the history of a product is in the signed log',
    description:
      'All its events as they were recorded, an inclusion proof for each, and a checkpoint. ' +
      'Check it with `node tools/verify-checkpoint.mjs product proof.json --key key.pem`, which needs nothing of this server.',
    responses: {
      200: { description: 'Events, proofs and the checkpoint' },
      403: { description: 'It was once in a release that you may not see' },
    },
    handle: async ({ context, request, params, http }) => http.json(await productProof(context, request, idOf(params))),
  }),
  endpoint({
    method: 'post',
    path: '/admin/verify/',
    tag: TAG,
    summary: 'Check the log, the files and the read models',
    access: 'admins',
    query: Type.Object({
      content: Type.Optional(Type.Boolean({ description: 'false: look only whether the files are there' })),
    }),
    responses: { 200: { description: 'What is wrong, and where; `sound` when nothing is' } },
    async handle({ context, query, http }) {
      const { signal } = http.req.raw
      const content = query.content === undefined ? {} : { content: query.content }
      return http.json(await checkLog(context, { ...content, signal }))
    },
  }),
]
