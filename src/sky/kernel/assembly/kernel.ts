/** What TypeScript sees of the kernel; ../kernel.ts says what it is for. */
export { endOf, firstFrom, layCells } from './cells'
export { bucketPairs, giveRoom, pairsEnd, pairsNeeded } from './pairs'
export { aim, enterStripe, searchNear, searchWithin } from './search'
export { dealRows, findStripes, planStripes } from './stripes'
