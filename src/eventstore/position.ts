import type { Position } from './port.ts'

/** 20 decimal digits hold every unsigned 64-bit number, so that positions compare as strings. */
export const toPosition = (value: bigint | string): Position => value.toString().padStart(20, '0')
