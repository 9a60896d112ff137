import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, in 43 characters that need no quoting anywhere. */
export const newSecret = (prefix = ''): string => prefix + randomBytes(32).toString('base64url')

/**
 * What we keep of a secret. A plain hash is enough for 256 random bits, and a look-up by it tells nothing by its time: who
 * does not know the secret cannot steer the hash.
 */
export const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex')
