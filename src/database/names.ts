import { createHash } from 'node:crypto'

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Advisory locks have keys of 64 bits; ours have names. */
export const advisoryKey = (name: string): string =>
  createHash('sha256').update(name).digest().readBigInt64BE(0).toString()
