/** What a member held before, as it says itself, and since which generation of the group. */
export interface Claim {
  generation: number
  partitions: readonly number[]
}

export interface GroupMember {
  id: string
  /** Undefined for one that is new. */
  claim?: Claim | undefined
}

/**
 * Who gets which partitions: as many for each member, give or take one, and as few as possible from one member to another. The same for
 * the same members and partitions, in whatever order they are given.
 *
 *     before   a 0 1 2 3   b 4 5 6 7
 *     c comes  a 0 1 2     b 4 5 6     c 3 7        two of eight move, which is the least; the other six go on with the state they have
 *
 * Where two claim the same partition the later generation is right: the other one was away while it was given to somebody else.
 *
 * @returns each member's partitions, in ascending order; empty for members that are too many.
 */
export function planAssignment(partitions: readonly number[], members: readonly GroupMember[]): Map<string, number[]> {
  const planned = new Map<string, number[]>()
  if (members.length === 0) return planned
  const kept = settleClaims(new Set(partitions), members)
  // Who holds most keeps the one that is over.
  const byHolding = [...kept].sort(([a, mine], [b, theirs]) => theirs.length - mine.length || compare(a, b))
  const least = Math.floor(partitions.length / members.length)
  const over = partitions.length % members.length
  byHolding.forEach(([id, held], i) => planned.set(id, held.slice(0, least + (i < over ? 1 : 0))))
  const taken = new Set([...planned.values()].flat())
  const free = partitions.filter((partition) => !taken.has(partition)).sort((a, b) => a - b)
  byHolding.forEach(([id], i) => {
    const mine = planned.get(id)!
    mine.push(...free.splice(0, least + (i < over ? 1 : 0) - mine.length))
    mine.sort((a, b) => a - b)
  })
  return planned
}

/** What each member holds that still exists and nobody holds with better right, in ascending order. */
function settleClaims(existing: ReadonlySet<number>, members: readonly GroupMember[]): Map<string, number[]> {
  const byRight = [...members].sort((a, b) => (b.claim?.generation ?? -1) - (a.claim?.generation ?? -1) || compare(a.id, b.id))
  const settled = new Set<number>()
  const kept = new Map<string, number[]>()
  for (const { id, claim } of byRight) {
    const mine = [...new Set(claim?.partitions)].filter((partition) => existing.has(partition) && !settled.has(partition)).sort((a, b) => a - b)
    for (const partition of mine) settled.add(partition)
    kept.set(id, mine)
  }
  return kept
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
