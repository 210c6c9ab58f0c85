import type { PartitionLag } from '@tidewatch/kafka'

/** One look at every partition of a pipeline's input. */
export interface LagLook {
  atMs: number
  /** Detectors ready at that moment: what the autoscaler multiplies by. */
  replicas: number
  partitions: readonly PartitionLag[]
}

/** What is kept between two looks. */
export interface LagHistory {
  /** Oldest first; only what the rate and the stuck partitions are told from. */
  looks: readonly LagLook[]
  /** The most that one detector does in a second while it has plenty to do; undefined until that was seen. */
  capacityPerReplica: number | undefined
  /** When the number of detectors last changed. */
  changedAtMs: number | undefined
}

export const emptyHistory: LagHistory = { looks: [], capacityPerReplica: undefined, changedAtMs: undefined }

/** A rate over less jumps with each commit; over more it would follow a change of load too late. */
const rateWindowMs = 30_000
/** A partition that stands still for so long is stuck; rebalances and restarts are over sooner. */
const stuckWindowMs = 60_000
/** After so long a new detector has its partitions and is at full speed. */
export const settleMs = 30_000
/** With less than this waiting, the rate tells what arrives rather than what a detector could do. */
const busyDrainSeconds = 1
/** Share of a lower measurement in the capacity, at each busy look: halfway in about three minutes. */
const capacityDecay = 0.02
/** The marker of the last transaction is a record that nobody can ever commit beyond (kedacore/keda#5675). */
const permanentLag = 1
/** Fewer looks than this tell no rate. */
const leastLooks = 2

/** Adds a look; those that nothing is told from any more fall out. */
export function addLook(history: LagHistory, look: LagLook): LagHistory {
  const before = history.looks.at(-1)
  const looks = [...history.looks.filter(({ atMs }) => atMs >= look.atMs - stuckWindowMs - rateWindowMs), look]
  const hasChanged = before !== undefined && before.replicas !== look.replicas
  const next: LagHistory = { ...history, looks, changedAtMs: hasChanged ? look.atMs : history.changedAtMs }
  return { ...next, capacityPerReplica: computeCapacity(next) }
}

/** Records that wait in a partition and can be worked off. */
export const workableLag = ({ lag }: PartitionLag): number => (lag <= permanentLag ? 0 : lag)

/** True while new detectors are still being given their partitions. */
export function isSettling({ looks, changedAtMs }: LagHistory): boolean {
  const now = looks.at(-1)
  return now !== undefined && changedAtMs !== undefined && now.atMs - changedAtMs < settleMs
}

/** Records in a second that were committed, and that arrived; undefined before there are two looks. */
export function computeRates({ looks }: LagHistory): { worked: number; arrived: number } | undefined {
  const now = looks.at(-1)
  if (now === undefined) return undefined
  const recent = looks.filter(({ atMs }) => atMs >= now.atMs - rateWindowMs)
  const [from] = recent
  if (recent.length < leastLooks || from === undefined || from.atMs >= now.atMs) return undefined
  const seconds = (now.atMs - from.atMs) / 1_000
  const before = byPartition(from)
  let worked = 0
  let arrived = 0
  for (const { partition, committedOffset, logEndOffset } of now.partitions) {
    const then = before.get(partition)
    if (then === undefined) continue
    arrived += Math.max(0, logEndOffset - then.logEndOffset)
    // What a group that never committed has worked off is not known. Offsets that were set back are no work undone.
    if (committedOffset !== undefined && then.committedOffset !== undefined) worked += Math.max(0, committedOffset - then.committedOffset)
  }
  return { worked: worked / seconds, arrived: arrived / seconds }
}

/**
 * Partitions with records waiting all through the last minute and a committed offset that did not move, while detectors
 * were ready and none came or went.
 */
export function findStuckPartitions({ looks, changedAtMs }: LagHistory): number[] {
  const now = looks.at(-1)
  if (now === undefined || (changedAtMs !== undefined && now.atMs - changedAtMs < stuckWindowMs)) return []
  const from = looks.findLast(({ atMs }) => atMs <= now.atMs - stuckWindowMs)
  if (from === undefined) return []
  const window = looks.filter(({ atMs }) => atMs >= from.atMs)
  if (window.some(({ replicas }) => replicas < 1)) return []
  const tables = window.map(byPartition)
  return now.partitions
    .filter(({ partition, committedOffset }) => tables.every((table) => isWaiting(table.get(partition), committedOffset)))
    .map(({ partition }) => partition)
}

const isWaiting = (look: PartitionLag | undefined, committedOffset: number | undefined): boolean =>
  look !== undefined && look.committedOffset === committedOffset && workableLag(look) > 0

const byPartition = (look: LagLook): Map<number, PartitionLag> => new Map(look.partitions.map((one) => [one.partition, one]))

function computeCapacity(history: LagHistory): number | undefined {
  const known = history.capacityPerReplica
  const now = history.looks.at(-1)
  const rates = computeRates(history)
  if (now === undefined || rates === undefined || rates.worked === 0 || now.replicas < 1 || isSettling(history)) return known
  const each = rates.worked / now.replicas
  if (known !== undefined && each > known) return each
  const lag = now.partitions.reduce((sum, one) => sum + workableLag(one), 0)
  // With fewer partitions waiting than detectors, some of these have nothing to do and say nothing of what they could.
  const isBusy = lag / rates.worked >= busyDrainSeconds && now.partitions.filter((one) => workableLag(one) > 0).length >= now.replicas
  if (!isBusy) return known
  return known === undefined ? each : known + (each - known) * capacityDecay
}
