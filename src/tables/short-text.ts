/**
 * Texts of up to eight bytes as two words of 32 bits, the first byte lowest: survey names and classes are compared so, without
 * a loop whose length the processor has to guess.
 */
export const SHORT = 8
/** Of the two words, the bits that belong to the first 0 to 8 bytes. */
export const LOW_MASKS = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1)
export const HIGH_MASKS = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1)
