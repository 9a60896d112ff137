/** Axes: where the ticks stand, and how a value becomes a place on the page. Pure. */

/** Round numbers (1, 2 or 5 times a power of ten) that cover `low` to `high` with about `wanted` steps. */
export function ticks(low: number, high: number, wanted: number): readonly number[] {
  if (!(high > low)) return [low]
  const step = niceStep((high - low) / Math.max(1, wanted))
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/** The smallest of 1, 2, 5 times a power of ten that is not below `rough`. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power
}

/** A linear scale from data to the page. An empty domain maps to the middle. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const [low, high] = domain
  const [from, to] = range
  return high === low ? () => (from + to) / 2 : (value) => from + ((value - low) / (high - low)) * (to - from)
}

/** A coordinate in an SVG: two decimals, no trailing zeros. */
export const place = (value: number): string => String(Math.round(value * 100) / 100)

/** How many classes a density has; the colours are `--density-1` … in tokens.css. */
export const LEVELS = 6

/** The class of a count among counts from 1 to `most`, 1 (few) to LEVELS (many), in equal steps of its logarithm. */
export function level(count: number, most: number): number {
  if (most <= 1) return LEVELS
  return 1 + Math.min(LEVELS - 1, Math.floor((Math.log(count) / Math.log(most)) * LEVELS + 1e-9))
}

/** The counts that each class stands for, few to many; classes that hold no integer are left out. */
export function levelRanges(
  most: number,
): readonly { readonly level: number; readonly from: number; readonly to: number }[] {
  const edge = (index: number) => most ** (index / LEVELS)
  return Array.from({ length: LEVELS }, (_, index) => ({
    level: index + 1,
    from: Math.max(1, Math.ceil(edge(index) - 1e-9)),
    to: index === LEVELS - 1 ? most : Math.ceil(edge(index + 1) - 1e-9) - 1,
  })).filter(({ from, to, level: own }) => (most <= 1 ? own === LEVELS : to >= from))
}
