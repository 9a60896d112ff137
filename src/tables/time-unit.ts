/** Units that files count time in, since 1970. */
export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

/** Units in a millisecond. */
const PER_MILLISECOND = { us: 1_000n, ns: 1_000_000n } as const

/** Turns times into whole milliseconds, rounded down. */
export function toMilliseconds(unit: TimeUnit): (time: bigint) => bigint {
  if (unit === 's') return (time) => time * 1000n
  if (unit === 'ms') return (time) => time
  const divisor = PER_MILLISECOND[unit]
  return (time) => (time % divisor < 0n ? time / divisor - 1n : time / divisor)
}
