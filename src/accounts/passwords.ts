import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { invalid } from './error.ts'

const SHORTEST = 8
const LONGEST = 1024

interface Cost {
  /** Logarithm of the CPU and memory cost N. */
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** 32 MB and three rounds: OWASP Password Storage Cheat Sheet, scrypt. */
const COST: Cost = { ln: 15, r: 8, p: 3 }
const HASH_BYTES = 32

/** @throws AccountError when the password is shorter than 8 or longer than 1024 characters */
export function checkPassword(password: string): void {
  if (password.length < SHORTEST) throw invalid('password', `Use at least ${SHORTEST} characters.`)
  if (password.length > LONGEST) throw invalid('password', `Use at most ${LONGEST} characters.`)
}

/** `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`: the cost is kept with each hash, so that it can be raised later. */
export async function hashPassword(password: string, cost: Cost = COST): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${salt.toString('base64')}$${hash.toString('base64')}`
}

/**
 * Whether the password made this hash. Takes as long when there is no such account (`null`), so that nobody learns from
 * the time which usernames exist.
 */
export async function passwordMatches(password: string, hash: string | null): Promise<boolean> {
  const parsed = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash ?? NOBODY)
  if (!parsed) throw new Error('A stored password hash is damaged.')
  const [, ln, r, p, salt = '', expected = ''] = parsed
  // Longer passwords cannot have been set; cut, so that a megabyte costs no more than the rest.
  const tried = password.slice(0, LONGEST + 1)
  const actual = await derive(tried, Buffer.from(salt, 'base64'), { ln: Number(ln), r: Number(r), p: Number(p) })
  return timingSafeEqual(actual, Buffer.from(expected, 'base64')) && hash !== null
}

const NOBODY = `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(HASH_BYTES).toString('base64')}`

function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** ln
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
