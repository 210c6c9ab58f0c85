import type { ClusterStore } from './cluster-store.ts'

const noBytes = new Uint8Array(0)
const noGroups = new Uint16Array(0)

/**
 * Which micro-clusters overlap, and the groups that they form: the macro-clusters of algorithms 1.3.
 *
 *     edge i-j  <=>  |mu_i - mu_j| <= 2 (sqrt(s2_i) + sqrt(s2_j))
 *
 * A pair is tested again only after one of the two changed. All of it follows from the store, so it is no part of
 * a snapshot. Cost: one distance for each other cluster of a changed one; capacity^2 bytes, allocated with the
 * second cluster (most keys never have one).
 */
export class MacroGraph {
  private readonly store: ClusterStore
  private edges = noBytes
  private room = 0
  private stale = noBytes
  private groupOf = noGroups

  constructor(store: ClusterStore) {
    this.store = store
  }

  /** Cluster i has a new centre or variance. */
  touch(i: number): void {
    this.stale[i] = 1
  }

  touchAll(): void {
    this.stale.fill(1)
  }

  /** Cluster i was removed and later ones moved up. To be called when the store has already one less. */
  remove(i: number): void {
    const count = this.store.count
    if (count + 1 > this.room) {
      // The matrix has not grown to the newest cluster yet: nothing to move up that could be trusted.
      this.touchAll()
      return
    }
    this.stale.copyWithin(i, i + 1, count + 1)
    this.stale[count] = 1
    const { edges, room } = this
    for (let row = 0; row <= count; row++) {
      const from = row * room
      edges.copyWithin(from + i, from + i + 1, from + count + 1)
    }
    edges.copyWithin(i * room, (i + 1) * room, (count + 1) * room)
  }

  /** Tests what changed and gives each cluster its group, numbered from 0 by the group's first cluster. */
  refresh(): void {
    const count = this.store.count
    this.grow(count)
    for (let i = 0; i < count; i++) {
      if (this.stale[i] === 0) continue
      for (let j = 0; j < count; j++) if (j !== i) this.test(i, j)
      this.stale[i] = 0
    }
  }

  /** Numbers the connected components among the clusters for which `takes` holds; 65535 for the others. Returns how many. */
  group(takes: (i: number) => boolean): number {
    const { store, edges, room } = this
    if (this.groupOf.length < store.count) this.groupOf = new Uint16Array(store.capacity)
    const { groupOf } = this
    const none = 65535
    groupOf.fill(none, 0, store.count)
    let groups = 0
    for (let seed = 0; seed < store.count; seed++) {
      if (groupOf[seed] !== none || !takes(seed)) continue
      groupOf[seed] = groups
      // Passes until nothing joins any more: few clusters, and no stack.
      for (let joined = true; joined; ) {
        joined = false
        for (let i = 0; i < store.count; i++) {
          if (groupOf[i] !== groups) continue
          for (let j = 0; j < store.count; j++) {
            if (edges[i * room + j] === 0 || groupOf[j] !== none || !takes(j)) continue
            groupOf[j] = groups
            joined = true
          }
        }
      }
      groups++
    }
    return groups
  }

  /** The group of i by the last `group`. */
  groupOfCluster(i: number): number {
    return this.groupOf[i]!
  }

  private test(i: number, j: number): void {
    const reach = 2 * (Math.sqrt(this.store.variance(i)) + Math.sqrt(this.store.variance(j)))
    const edge = Math.sqrt(this.store.distanceBetween(i, j)) <= reach ? 1 : 0
    this.edges[i * this.room + j] = edge
    this.edges[j * this.room + i] = edge
  }

  private grow(count: number): void {
    if (count <= this.room || count < 2) return
    let room = Math.max(this.room, 2)
    while (room < count) room = Math.min(room * 2, this.store.capacity)
    this.room = room
    this.edges = new Uint8Array(room * room)
    if (this.stale.length === 0) this.stale = new Uint8Array(this.store.capacity)
    this.stale.fill(1)
  }
}
