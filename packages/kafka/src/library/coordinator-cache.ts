import { systemClock } from '@tidewatch/kit'
import { requireInside } from './insides.ts'

interface Lookup {
  groupId: string
  coordinatorType?: number
}

interface Coordinator {
  isConnected(): boolean
}

interface Cluster {
  findGroupCoordinator: (this: Cluster, lookup: Lookup) => Promise<Coordinator>
}

const transactionType = 1

/** A coordinator that has moved is asked in vain for no longer than this. */
const keepMs = 1_000

/**
 * kafkajs asks where the transaction coordinator is before each of the three things that it does with it: a third of
 * all round trips of a transaction. The answer holds for a second here.
 */
export function installCoordinatorCache(): void {
  const { prototype } = requireInside<{ prototype: Cluster }>('cluster')
  const find = prototype.findGroupCoordinator
  const known = new WeakMap<Cluster, { groupId: string; coordinator: Coordinator; foundAtMs: number }>()
  prototype.findGroupCoordinator = async function (this: Cluster, lookup: Lookup) {
    if (lookup.coordinatorType !== transactionType) return find.call(this, lookup)
    const last = known.get(this)
    const isFresh = last?.groupId === lookup.groupId && systemClock.now() - last.foundAtMs < keepMs
    if (isFresh && last.coordinator.isConnected()) return last.coordinator
    const coordinator = await find.call(this, lookup)
    known.set(this, { groupId: lookup.groupId, coordinator, foundAtMs: systemClock.now() })
    return coordinator
  }
}
