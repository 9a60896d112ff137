import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** A person, or all people together, ask for more of something than the server gives. */
export class TooManyRequests extends Error {
  readonly code = 'too_many_requests'

  /** @param retryAfter seconds */
  constructor(
    message: string,
    readonly retryAfter: number,
  ) {
    super(`${message} Please try again in ${retryAfter} seconds.`)
    this.name = 'TooManyRequests'
  }
}

interface Rate {
  readonly what: string
  /** So many in so many seconds, for each person. */
  readonly points: number
  readonly duration: number
}

interface InFlight {
  readonly what: string
  readonly perPerson: number
  readonly together: number
  /** Seconds after which a place may well be free. */
  readonly retryAfter: number
}

/** Far beyond what people and notebooks do: these stop loops that have gone wild. */
const RATES = {
  token: { what: 'new tokens', points: 200, duration: 3600 },
  password: { what: 'changes of passwords', points: 30, duration: 3600 },
} as const satisfies Record<string, Rate>

/** Work that holds a disk, a child process or a connection. What is beyond the number of processes waits for its turn, up to here. */
const IN_FLIGHT = {
  upload: { what: 'uploads', perPerson: 16, together: 100, retryAfter: 10 },
  archive: { what: 'archives', perPerson: 16, together: 100, retryAfter: 10 },
  table: { what: 'searches of tables', perPerson: 64, together: 200, retryAfter: 5 },
  // Each holds a connection, a place among the followers of the log, and what it has not read yet.
  stream: { what: 'live streams', perPerson: 100, together: 2_000, retryAfter: 10 },
  // Whoever asks: what waits for a child process.
  task: { what: 'searches and drawings of tables', perPerson: 300, together: 300, retryAfter: 5 },
} as const satisfies Record<string, InFlight>

export type LimitedRate = keyof typeof RATES
export type LimitedWork = keyof typeof IN_FLIGHT

/**
 * How much of what costs us something each person may ask for. In memory: a restart forgives everything. Guesses of passwords
 * are `LoginThrottle`'s.
 */
export class Limits {
  readonly #rates: Readonly<Record<LimitedRate, RateLimiterMemory>>
  readonly #inFlight = new Map<string, number>()

  constructor() {
    const limiter = (name: LimitedRate) => new RateLimiterMemory({ keyPrefix: name, ...pick(RATES[name]) })
    this.#rates = { token: limiter('token'), password: limiter('password') }
  }

  /** Counts one of these. @throws TooManyRequests */
  async spend(name: LimitedRate, userId: number): Promise<void> {
    try {
      await this.#rates[name].consume(userId)
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      const { what, points } = RATES[name]
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
      throw new TooManyRequests(`No more than ${points} ${what} in an hour.`, seconds)
    }
  }

  /**
   * Takes a place for work, until it is disposed of: `using place = limits.enter('upload', id)`.
   * @param userId 0: nobody in particular
   * @throws TooManyRequests
   */
  enter(name: LimitedWork, userId: number): Disposable {
    const { what, perPerson, together, retryAfter } = IN_FLIGHT[name]
    const [own, all] = [`${name} ${userId}`, name]
    const count = (key: string): number => this.#inFlight.get(key) ?? 0
    if (count(own) >= perPerson) {
      throw new TooManyRequests(`You have ${perPerson} ${what} under way, which is the most at a time.`, retryAfter)
    }
    if (count(all) >= together) throw new TooManyRequests(`The server has ${together} ${what} under way.`, retryAfter)
    const add = (key: string, change: 1 | -1) => {
      const now = count(key) + change
      if (now > 0) this.#inFlight.set(key, now)
      else this.#inFlight.delete(key)
    }
    add(own, 1)
    add(all, 1)
    let left = false
    return {
      [Symbol.dispose]: () => {
        if (left) return
        left = true
        add(own, -1)
        add(all, -1)
      },
    }
  }
}

const pick = ({ points, duration }: Rate) => ({ points, duration })
