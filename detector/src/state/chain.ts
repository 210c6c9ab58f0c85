/** A checkpoint's full snapshot and the increments to it, by their sizes. */
export interface Chain {
  increments: number
  fullBytes: number
  incrementBytes: number
}

/** A restore reads all parts: so many at most. */
export const maxIncrements = 16

/** Beyond this part of all groups an increment would save less than a full snapshot, which begins a new chain, makes up for. */
const worthwhile = 0.5

/**
 * Decides up to which part of all groups having changed the next checkpoint is an increment, in [0, 0.5]; 0 makes it a full one. All
 * increments together are no larger than the full one, so a restore reads at most twice the state.
 */
export function computeMostChanged({ increments, fullBytes, incrementBytes }: Chain): number {
  return increments >= maxIncrements ? 0 : Math.max(0, Math.min(worthwhile, 1 - incrementBytes / fullBytes))
}
