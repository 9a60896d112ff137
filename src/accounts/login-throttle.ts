import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { usernameKey } from './names.ts'

/** Too many failed logins. */
export class TooManyAttempts extends Error {
  readonly code = 'too_many_attempts'

  /** @param retryAfter seconds */
  constructor(readonly retryAfter: number) {
    super(`Too many attempts to log in. Please wait ${retryAfter} seconds.`)
    this.name = 'TooManyAttempts'
  }
}

const FREE_ATTEMPTS = 5
const LONGEST_BLOCK = 3600
const DAY = 24 * 3600

/**
 * Slows down who guesses passwords. Per account and address, five attempts are free, and each further one doubles the
 * wait, from 10 seconds to an hour, so that nobody can lock out another person from elsewhere; per address, a hundred
 * failures a day are enough for all accounts together. Counts attempts before they are checked: parallel ones count too.
 */
export class LoginThrottle {
  readonly #perAccount = new RateLimiterMemory({ keyPrefix: 'account', points: 1_000_000, duration: DAY })
  readonly #perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 100, duration: DAY })

  /** One attempt is counted after another, so that a hundred parallel ones do not all find the door open. */
  #last: Promise<unknown> = Promise.resolve()

  /** To be called before a password is checked. @throws TooManyAttempts */
  attempt(username: string, address: string): Promise<void> {
    const counted = this.#last.then(() => this.#count(username, address))
    this.#last = counted.catch(() => {}) // the caller gets the refusal
    return counted
  }

  async #count(username: string, address: string): Promise<void> {
    const key = keyOf(username, address)
    const blocked = await this.#perAccount.get(`blocked ${key}`)
    if (blocked !== null) throw new TooManyAttempts(seconds(blocked))
    try {
      await this.#perAddress.consume(address)
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw new TooManyAttempts(seconds(refusal))
      throw refusal
    }
    const { consumedPoints } = await this.#perAccount.consume(key)
    if (consumedPoints < FREE_ATTEMPTS) return
    const wait = Math.min(10 * 2 ** (consumedPoints - FREE_ATTEMPTS), LONGEST_BLOCK)
    await this.#perAccount.set(`blocked ${key}`, 1, wait)
  }

  /** To be called after a right password: the account starts afresh. */
  async succeeded(username: string, address: string): Promise<void> {
    const key = keyOf(username, address)
    await this.#perAccount.delete(key)
    await this.#perAccount.delete(`blocked ${key}`)
    await this.#perAddress.reward(address)
  }
}

const keyOf = (username: string, address: string): string => `${usernameKey(username).slice(0, 150)} ${address}`
const seconds = (result: RateLimiterRes): number => Math.max(1, Math.ceil(result.msBeforeNext / 1000))
