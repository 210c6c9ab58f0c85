/**
 * How many detectors a pipeline needs, from how long its lag would take to work off.
 *
 *     lag                 ______            one replica reads 1,000/s, the target is 30 s of work
 *     45,000            _/      \_
 *     30,000  target __/..........\______   drain 45 s -> 2 replicas at once
 *          0  ________/            \_____   lag gone: 1 replica, but only when that has been the answer
 *     replicas   1     2     2  2  2    1   for the whole stabilisation window
 *
 * Pure: the caller keeps the state and passes the time.
 */

/** What does not change while a pipeline runs. */
export interface ScalingPolicy {
  minReplicas: number
  maxReplicas: number
  /** A partition is read by one detector only: more detectors than partitions would idle. */
  partitions: number
  /** Work that may lie waiting, as a time or as records for each detector. */
  target: { drainTimeMs: number } | { lagPerReplica: number }
  /** Fewer replicas only after so long in which fewer would always have done. */
  scaleDownStabilizationMs: number
  /** No further step up for so long after any change: a rebalance stops the readers and raises the lag by itself. */
  settleMs: number
}

/** One look at the pipeline. */
export interface ScalingObservation {
  nowMs: number
  /** Detectors running now. */
  replicas: number
  /** Records waiting; undefined when it could not be read. */
  lag: number | undefined
  /** Records that the group worked off in a second; undefined when it could not be read. */
  processedPerSecond: number | undefined
}

/** What the decision remembers between two looks. */
export interface ScalingState {
  /** What would have been right, at each look within the stabilisation window. */
  recommendations: readonly { atMs: number; replicas: number }[]
  changedAtMs: number | undefined
  /** The most that one detector was seen to work off in a second while it had plenty to do. */
  capacityPerReplica: number | undefined
}

export const initialScalingState: ScalingState = { recommendations: [], changedAtMs: undefined, capacityPerReplica: undefined }

export interface ScalingDecision {
  replicas: number
  /** One sentence for a log line or an event. */
  reason: string
  state: ScalingState
}

/** Deviations from the target that are not worth a rebalance; the horizontal pod autoscaler's own default. */
const tolerance = 0.1

/** Share of its capacity that a detector may need for what arrives, when another one is taken away. */
const comfortableUtilisation = 0.8

/** With less than this waiting, the rate tells what arrives rather than what a detector could do. */
const busyDrainMs = 1_000

/** Decides how many detectors should run. Never acts on a lag or a rate that could not be read: it holds. */
export function decideReplicas(policy: ScalingPolicy, state: ScalingState, observation: ScalingObservation): ScalingDecision {
  const { nowMs, replicas, lag, processedPerSecond } = observation
  const ceiling = Math.max(policy.minReplicas, Math.min(policy.maxReplicas, policy.partitions))
  const floor = Math.min(policy.minReplicas, ceiling)
  const bounded = (wanted: number) => Math.min(ceiling, Math.max(floor, wanted))
  const change = (to: number, reason: string, next: ScalingState): ScalingDecision => ({
    replicas: to,
    reason,
    // Looks from before a change say nothing about the new number.
    state: to === replicas ? next : { ...next, changedAtMs: nowMs, recommendations: [] },
  })

  if (replicas < floor || replicas > ceiling) return change(bounded(replicas), `${replicas} is outside of ${floor} to ${ceiling}`, state)
  if (lag === undefined) return change(replicas, 'the lag could not be read: held', state)

  const seen = withCapacity(state, lag, processedPerSecond, replicas)
  const wanted = desiredReplicas(policy.target, seen.capacityPerReplica, observation)
  if (wanted === undefined) return change(replicas, 'the rate is not known yet: held', seen)

  const recommendation = bounded(wanted.replicas)
  const recommendations = [...seen.recommendations, { atMs: nowMs, replicas: recommendation }].filter(({ atMs }) => atMs >= nowMs - policy.scaleDownStabilizationMs)
  const next: ScalingState = { ...seen, recommendations }

  if (recommendation > replicas) {
    const isSettling = seen.changedAtMs !== undefined && nowMs - seen.changedAtMs < policy.settleMs
    return isSettling ? change(replicas, 'the last change is settling: held', next) : change(recommendation, wanted.reason, next)
  }
  if (recommendation === replicas) return change(replicas, wanted.reason, next)

  const watchedMs = nowMs - (seen.recommendations[0]?.atMs ?? nowMs)
  // One replica less at a time: each step is a rebalance, and the most that any look asked for still counts.
  const highest = Math.max(...recommendations.map((one) => one.replicas))
  if (watchedMs + lookSlackMs < policy.scaleDownStabilizationMs || highest >= replicas) return change(replicas, 'fewer would do, but not for long enough yet: held', next)
  return change(replicas - 1, wanted.reason, next)
}

/** Looks come at intervals, so the oldest one kept is rarely as old as the window is long. */
const lookSlackMs = 5_000

function desiredReplicas(
  target: ScalingPolicy['target'],
  capacityPerReplica: number | undefined,
  { lag = 0, processedPerSecond, replicas }: ScalingObservation,
): { replicas: number; reason: string } | undefined {
  if ('lagPerReplica' in target) {
    const ratio = lag / (target.lagPerReplica * replicas)
    const reason = `lag ${Math.round(lag)} against ${target.lagPerReplica} for each detector`
    return { replicas: withTolerance(replicas, ratio), reason }
  }
  if (processedPerSecond === undefined) return undefined
  // A group that stalls (a rebalance, a restart) is judged by what it was seen to do before.
  const rate = processedPerSecond === 0 ? (capacityPerReplica ?? 0) * replicas : processedPerSecond
  if (lag > 0 && rate === 0) return undefined
  const drainMs = lag === 0 ? 0 : (lag / rate) * 1_000
  const reason = `lag ${Math.round(lag)} takes ${(drainMs / 1_000).toFixed(1)} s to work off, against ${(target.drainTimeMs / 1_000).toFixed(0)} s`
  const forLag = withTolerance(replicas, drainMs / target.drainTimeMs)
  if (forLag >= replicas) return { replicas: forLag, reason }
  // Going down, what arrives must fit as well, or the lag would be back at once.
  const forArrivals = capacityPerReplica === undefined ? replicas - 1 : Math.ceil(processedPerSecond / (capacityPerReplica * comfortableUtilisation))
  return { replicas: Math.max(forLag, Math.min(replicas, forArrivals)), reason }
}

function withTolerance(replicas: number, ratio: number): number {
  return Math.abs(ratio - 1) <= tolerance ? replicas : Math.ceil(replicas * ratio)
}

function withCapacity(state: ScalingState, lag: number, processedPerSecond: number | undefined, replicas: number): ScalingState {
  if (!processedPerSecond) return state
  const isBusy = (lag / processedPerSecond) * 1_000 >= busyDrainMs
  const each = processedPerSecond / replicas
  // While idle the rate is only what arrives: it can raise a known capacity, but is none by itself.
  if (state.capacityPerReplica === undefined && !isBusy) return state
  return each > (state.capacityPerReplica ?? 0) ? { ...state, capacityPerReplica: each } : state
}
