/** Surveys whose flags are letters, and the numbers that the letters mean. Compared trimmed and in upper case. */
export const TEXT_FLAGS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  [
    'JADES',
    new Map([
      ['A', 4],
      ['B', 3],
      ['C', 2],
      ['D', 1],
      ['E', 0],
    ]),
  ],
  [
    'VIMOS',
    new Map([
      ['LRB_X', 0],
      ['MR_X', 0],
      ['LRB_B', 1],
      ['LRB_C', 1],
      ['MR_C', 1],
      ['MR_B', 3],
      ['LRB_A', 4],
      ['MR_A', 4],
    ]),
  ],
])
