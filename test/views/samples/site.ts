/** What all pages are shown with, and numbers that look random and are always the same. */

import type { Histogram } from '../../../src/tables/inspection.ts'
import type { Frame } from '../../../views/frame.ts'
import type { HeadLink } from '../../../views/layout.tsx'

export const NOW = '2026-03-14T10:05:00Z'
export const SHA = '9f3c6f2b1c0d4e5f60718293a4b5c6d7e8f90112233445566778899aabbce1a7'
export const NASTY = '<script>alert("x")</script>" onmouseover="alert(1)'

export const frame: Frame = {
  user: { username: 'demo', displayName: 'Demo Astronomer', isAdmin: true },
  here: '/',
  section: 'products',
  search: '',
  environment: null,
  flashes: [],
  version: '0.1.0',
  now: NOW,
}

/** Numbers that look random and are the same each time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const bell = (bins: number, middle: number, width: number, height: number, tail = 0): number[] =>
  Array.from({ length: bins }, (_, bin) =>
    Math.round(
      height * Math.exp(-0.5 * ((bin - middle) / width) ** 2) + (bin > middle ? tail * Math.exp(-bin / bins) : 0),
    ),
  )

export const histogram = (low: number, high: number, counts: readonly number[]): Histogram => ({
  low,
  high,
  counts,
  below: 0,
  above: 0,
})

export const nz: Histogram = { ...histogram(0, 3.5, bell(48, 15, 6, 820, 240)), above: 3 }

/** Feeds of the site, as the start page and the lists announce them. */
export const feedLinks: readonly HeadLink[] = [
  {
    rel: 'alternate',
    type: 'application/atom+xml',
    title: 'What happens on the server',
    href: '/api/feed/?format=atom',
  },
  {
    rel: 'alternate',
    type: 'application/feed+json',
    title: 'What happens on the server',
    href: '/api/feed/?format=json',
  },
]
