import type { ClusterStore } from './cluster-store.ts'

const noBytes = new Uint8Array(0)

/** The groups of the graph that was last grouped; whoever asks does so before the next one is, so all graphs share it. */
let groupOf = new Uint16Array(0)

/**
 * Which micro-clusters overlap, and the groups that they form: the macro-clusters of algorithms 1.3.
 *
 *     edge i-j  <=>  |mu_i - mu_j| <= 2 (sqrt(s2_i) + sqrt(s2_j))
 *
 * A pair is tested again only after one of the two changed. All of it follows from the store, so it is no part of
 * a snapshot. Cost: one distance for each other cluster of a changed one; capacity^2 bytes, allocated with the
 * second cluster.
 */
export class MacroGraph {
  private readonly store: ClusterStore
  /** Row by row, and behind them which clusters have changed: one array, because an array costs more than what is in it. */
  private cells = noBytes
  private room = 0

  constructor(store: ClusterStore) {
    this.store = store
  }

  /** Cluster i has a new centre or variance. */
  touch(i: number): void {
    if (this.room > 0) this.cells[this.room * this.room + i] = 1
  }

  touchAll(): void {
    this.cells.fill(1, this.room * this.room)
  }

  /** Cluster i was removed and later ones moved up. To be called when the store has already one less. */
  remove(i: number): void {
    const count = this.store.count
    if (count + 1 > this.room) {
      // The matrix has not grown to the newest cluster yet: nothing to move up that could be trusted.
      this.touchAll()
      return
    }
    const { cells, room } = this
    const stale = room * room
    cells.copyWithin(stale + i, stale + i + 1, stale + count + 1)
    cells[stale + count] = 1
    for (let row = 0; row <= count; row++) {
      const from = row * room
      cells.copyWithin(from + i, from + i + 1, from + count + 1)
    }
    cells.copyWithin(i * room, (i + 1) * room, (count + 1) * room)
  }

  /** Tests what changed and gives each cluster its group, numbered from 0 by the group's first cluster. */
  refresh(): void {
    const count = this.store.count
    this.grow(count)
    // Alone it has no edges, and no matrix.
    if (this.room === 0) return
    const stale = this.room * this.room
    for (let i = 0; i < count; i++) {
      if (this.cells[stale + i] === 0) continue
      for (let j = 0; j < count; j++) if (j !== i) this.test(i, j)
      this.cells[stale + i] = 0
    }
  }

  /** Numbers the connected components among the clusters for which `takes` holds; 65535 for the others. Returns how many. */
  group(takes: (i: number) => boolean): number {
    const { store, cells, room } = this
    if (groupOf.length < store.count) groupOf = new Uint16Array(store.capacity)
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
            if (cells[i * room + j] === 0 || groupOf[j] !== none || !takes(j)) continue
            groupOf[j] = groups
            joined = true
          }
        }
      }
      groups++
    }
    return groups
  }

  /** The group of i by the last `group`, before that of any other graph. */
  groupOfCluster(i: number): number {
    return groupOf[i]!
  }

  private test(i: number, j: number): void {
    const reach = 2 * (Math.sqrt(this.store.variance(i)) + Math.sqrt(this.store.variance(j)))
    const edge = Math.sqrt(this.store.distanceBetween(i, j)) <= reach ? 1 : 0
    this.cells[i * this.room + j] = edge
    this.cells[j * this.room + i] = edge
  }

  private grow(count: number): void {
    if (count <= this.room || count < 2) return
    let room = Math.max(this.room, 2)
    while (room < count) room = Math.min(room * 2, this.store.capacity)
    this.room = room
    this.cells = new Uint8Array(room * room + this.store.capacity)
    this.touchAll()
  }
}
