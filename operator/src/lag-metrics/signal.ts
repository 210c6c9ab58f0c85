import { computeRates, findStuckPartitions, isSettling, workableLag, type LagHistory } from './looks.ts'

/**
 * What the autoscaler is told: how many seconds the lag takes to work off.
 *
 *     drain  = lag / rate                                     records waiting / records committed in a second
 *     needed = ceil(arrived / (0.8 x capacity of a detector)) detectors for what arrives, at most those that run
 *     floor  = target x (needed - 1/2) / replicas             so that an empty queue is no reason to take a needed one away;
 *                                                             0 where one detector is enough
 *     cap    = target x partitions / replicas                 a partition is read by one detector only
 *     signal = min(cap, max(floor, drain))
 *
 * The HPA (`type: Value`) sets replicas = ceil(replicas x signal / target), and nothing within 10 % of the target:
 *
 *     lag                 ______             one replica reads 1,000/s, the target is 30 s
 *     45,000            _/      \_
 *     30,000  target __/..........\_______   45 s -> ceil(1 x 45 / 30) = 2 replicas
 *          0  ________/            \______   1,500/s arrive: needed = 2, floor = 22.5 s -> stays at 2
 *
 * While detectors come and go the rate says little: then, and when everything stalls, what one was seen to do counts.
 */
export interface LagSignal {
  /** When it was looked at, ms since the epoch. */
  atMs: number
  /** For the autoscaler, between floor and cap; undefined while the rate is not known (the autoscaler then holds). */
  drainSeconds: number | undefined
  /** For people: lag / rate, without floor and cap. */
  workSeconds: number | undefined
  /** For an autoscaler with `targetLagPerReplica`: without stuck partitions, between 0 and the target x partitions. */
  lagRecords: number
  /** Every record waiting, those in stuck partitions too. */
  totalLag: number
  /** Records committed in a second. */
  ratePerSecond: number | undefined
  /** Records written to the input in a second. */
  arrivalsPerSecond: number | undefined
  /** The partition with the most records waiting; undefined where none waits. */
  worstPartition: number | undefined
  /** Records waiting and the committed offset stands still; left out of the signal. */
  stuckPartitions: number[]
  /** One sentence for a log line or a condition. */
  reason: string
}

/** What a manifest's `scaling` says that matters here. */
export interface SignalPolicy {
  targetDrainSeconds: number
  targetLagPerReplica: number | undefined
}

/** Share of its capacity that a detector may need for what arrives, as in `decideReplicas`. */
const comfortableUtilisation = 0.8

/** Keeps ceil() from making one more of a quotient that is a hair above a whole number. */
const ceilSlack = 0.01
/** In the middle between one detector fewer and one more: the HPA's count of ready pods may be a look older than ours. */
const floorSlack = 0.5

/** Undefined before the first look. */
export function computeSignal(policy: SignalPolicy, history: LagHistory): LagSignal | undefined {
  const now = history.looks.at(-1)
  if (now === undefined) return undefined
  const { partitions, replicas } = now
  const stuckPartitions = findStuckPartitions(history)
  const stuck = new Set(stuckPartitions)
  const lag = partitions.reduce((sum, one) => sum + (stuck.has(one.partition) ? 0 : workableLag(one)), 0)
  const worst = partitions.reduce<(typeof partitions)[number] | undefined>((most, one) => (one.lag > (most?.lag ?? 0) ? one : most), undefined)
  const rates = computeRates(history)
  const scaled = scale(policy, history, { lag, areAllStuck: partitions.length > 0 && stuck.size === partitions.length })
  const mostRecords = policy.targetLagPerReplica === undefined ? Infinity : policy.targetLagPerReplica * partitions.length
  return {
    atMs: now.atMs,
    drainSeconds: scaled.drainSeconds,
    workSeconds: scaled.workSeconds,
    // Nothing can be told of a group that stands still as a whole: the number of detectors stays.
    lagRecords: stuck.size === partitions.length && policy.targetLagPerReplica !== undefined ? policy.targetLagPerReplica * replicas : Math.min(lag, mostRecords),
    totalLag: partitions.reduce((sum, one) => sum + one.lag, 0),
    ratePerSecond: rates?.worked,
    arrivalsPerSecond: rates?.arrived,
    worstPartition: worst?.partition,
    stuckPartitions,
    reason: scaled.reason,
  }
}

function scale(
  { targetDrainSeconds: target }: SignalPolicy,
  history: LagHistory,
  { lag, areAllStuck }: { lag: number; areAllStuck: boolean },
): Pick<LagSignal, 'drainSeconds' | 'workSeconds' | 'reason'> {
  const now = history.looks.at(-1)
  const replicas = Math.max(1, now?.replicas ?? 1)
  const asValue = (count: number, slack = ceilSlack) => (target * (count - slack)) / replicas
  if (areAllStuck) return { drainSeconds: asValue(replicas), workSeconds: undefined, reason: 'every partition stands still: the number of detectors is held' }
  const rates = computeRates(history)
  if (rates === undefined) return unknown('the rate is not known before the second look')
  const capable = (history.capacityPerReplica ?? 0) * replicas
  const rate = rates.worked === 0 || isSettling(history) ? Math.max(rates.worked, capable) : rates.worked
  if (lag > 0 && rate === 0) return unknown('records wait and nothing was worked off yet, so the rate is not known')
  const workSeconds = lag === 0 ? 0 : lag / rate
  const needed = Math.min(replicas, computeNeeded(history.capacityPerReplica, rates, replicas))
  const floor = needed === 1 ? 0 : asValue(needed, floorSlack)
  const cap = asValue(now?.partitions.length ?? 1)
  return {
    drainSeconds: Math.min(cap, Math.max(floor, workSeconds)),
    workSeconds,
    reason: `${Math.round(lag)} records take ${workSeconds.toFixed(1)} s to work off, against ${target} s`,
  }
}

const unknown = (reason: string) => ({ drainSeconds: undefined, workSeconds: undefined, reason })

/** Detectors for what arrives; one fewer than now where it was never seen what one can do. */
function computeNeeded(capacity: number | undefined, { worked, arrived }: { worked: number; arrived: number }, replicas: number): number {
  if (capacity === undefined || capacity === 0) return Math.max(1, replicas - 1)
  return Math.max(1, Math.ceil(Math.max(worked, arrived) / (capacity * comfortableUtilisation)))
}
