import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoginThrottle, TooManyAttempts } from '../../src/accounts/login-throttle.ts'

describe('the login throttle', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const retryAfter = async (attempt: Promise<void>): Promise<number> => {
    const refusal = await attempt.then(
      () => null,
      (error: unknown) => error,
    )
    return refusal instanceof TooManyAttempts ? refusal.retryAfter : 0
  }

  it('lets five attempts pass, then doubles the wait', async () => {
    const throttle = new LoginThrottle()
    for (let attempt = 0; attempt < 5; attempt += 1) await throttle.attempt('vera', '10.0.0.1')
    expect(await retryAfter(throttle.attempt('VERA ', '10.0.0.1'))).toBe(10)
    await vi.advanceTimersByTimeAsync(10_001)
    await throttle.attempt('vera', '10.0.0.1')
    expect(await retryAfter(throttle.attempt('vera', '10.0.0.1'))).toBe(20)
  })

  it('counts attempts that come at the same time', async () => {
    const throttle = new LoginThrottle()
    const attempts = Array.from({ length: 50 }, () => retryAfter(throttle.attempt('vera', '10.0.0.1')))
    const passed = (await Promise.all(attempts)).filter((wait) => wait === 0).length
    expect(passed).toBe(5)
  })

  it('does not lock out the same person at another address', async () => {
    const throttle = new LoginThrottle()
    for (let attempt = 0; attempt < 5; attempt += 1) await throttle.attempt('vera', '10.0.0.1')
    await throttle.attempt('vera', '10.0.0.2')
  })

  it('starts afresh after a success', async () => {
    const throttle = new LoginThrottle()
    for (let round = 0; round < 40; round += 1) {
      for (let attempt = 0; attempt < 4; attempt += 1) await throttle.attempt('vera', `10.0.1.${round}`)
      await throttle.succeeded('vera', `10.0.1.${round}`)
    }
  })

  it('stops an address that tries many accounts', async () => {
    const throttle = new LoginThrottle()
    for (let attempt = 0; attempt < 100; attempt += 1) await throttle.attempt(`person${attempt}`, '10.0.0.1')
    expect(await retryAfter(throttle.attempt('person100', '10.0.0.1'))).toBeGreaterThan(3600)
  })
})
