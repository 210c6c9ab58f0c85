import { describe, expect, test } from 'vitest'
import { decideReplicas, initialScalingState, type ScalingObservation, type ScalingPolicy, type ScalingState } from './decide-replicas.ts'

const policy: ScalingPolicy = {
  minReplicas: 1,
  maxReplicas: 8,
  partitions: 8,
  target: { drainTimeMs: 30_000 },
  scaleDownStabilizationMs: 60_000,
  settleMs: 15_000,
}

const seen = (over: Partial<ScalingObservation>): ScalingObservation => ({ nowMs: 100_000, replicas: 1, lag: 0, processedPerSecond: 1_000, ...over })
const decide = (observation: Partial<ScalingObservation>, over: Partial<ScalingPolicy> = {}, state: Partial<ScalingState> = {}) =>
  decideReplicas({ ...policy, ...over }, { ...initialScalingState, ...state }, seen(observation))

describe('decideReplicas scales up', () => {
  test.each([
    ['nothing waits: one detector stays', { lag: 0 }, {}, 1],
    ['half of the target waits: one detector stays', { lag: 15_000 }, {}, 1],
    ['the target and a tenth waits: within the tolerance', { lag: 32_900 }, {}, 1],
    ['one and a half targets wait: two', { lag: 45_000 }, {}, 2],
    ['ten targets wait: as many as are allowed', { lag: 300_000 }, {}, 8],
    ['never more than there are partitions', { lag: 300_000 }, { partitions: 3 }, 3],
    ['never more than the manifest allows', { lag: 300_000 }, { maxReplicas: 2 }, 2],
    ['from two, with twice the drain time: four', { replicas: 2, lag: 120_000, processedPerSecond: 2_000 }, {}, 4],
    ['by lag for each detector: three of 100 for 250', { lag: 250 }, { target: { lagPerReplica: 100 } }, 3],
    ['by lag for each detector the rate does not matter', { lag: 250, processedPerSecond: undefined }, { target: { lagPerReplica: 100 } }, 3],
  ] as const)('%s', (_, observation, over, replicas) => {
    expect(decide(observation, over).replicas).toBe(replicas)
  })

  test('not while the last change is settling', () => {
    expect(decide({ lag: 300_000 }, {}, { changedAtMs: 90_000 })).toMatchObject({ replicas: 1, reason: 'the last change is settling: held' })
    expect(decide({ lag: 300_000 }, {}, { changedAtMs: 84_000 }).replicas).toBe(8)
  })
})

describe('decideReplicas holds', () => {
  test.each([
    ['when the lag cannot be read', { replicas: 3, lag: undefined }, 'the lag could not be read: held'],
    ['when the rate cannot be read', { replicas: 3, lag: 10, processedPerSecond: undefined }, 'the rate is not known yet: held'],
    ['before anything was processed', { replicas: 1, lag: 1_000_000, processedPerSecond: 0 }, 'the rate is not known yet: held'],
  ] as const)('%s', (_, observation, reason) => {
    expect(decide(observation)).toMatchObject({ replicas: observation.replicas, reason })
  })

  test('when everything stalls, by what a detector was seen to do', () => {
    expect(decide({ replicas: 2, lag: 120_000, processedPerSecond: 0 }, {}, { capacityPerReplica: 1_000 }).replicas).toBe(4)
  })
})

/** Looks every five seconds at the same thing; the number of replicas after each. */
function watch(start: number, looks: number, observation: Partial<ScalingObservation>, state: Partial<ScalingState> = {}): number[] {
  let replicas = start
  let current: ScalingState = { ...initialScalingState, ...state }
  return Array.from({ length: looks }, (_, i) => {
    const decision = decideReplicas(policy, current, seen({ ...observation, nowMs: i * 5_000, replicas }))
    replicas = decision.replicas
    current = decision.state
    return replicas
  })
}

describe('decideReplicas scales down', () => {
  test('one at a time, each after a whole window in which fewer would do', () => {
    const counts = watch(3, 40, { lag: 0, processedPerSecond: 100 }, { capacityPerReplica: 1_000 })
    expect(counts.indexOf(2)).toBe(11)
    expect(counts.indexOf(1)).toBe(23)
    expect(counts.at(-1)).toBe(1)
  })

  test('not below what arrives, at four fifths of what a detector can do', () => {
    expect(watch(4, 100, { lag: 0, processedPerSecond: 1_500 }, { capacityPerReplica: 1_000 }).at(-1)).toBe(2)
  })

  test('after a stall that was worked off in one go, it neither goes up nor believes the stalled rate', () => {
    const state = { capacityPerReplica: 500 }
    const decision = decide({ replicas: 1, lag: 0, processedPerSecond: 14_500 }, {}, state)
    expect(decision.replicas).toBe(1)
    expect(decision.state.capacityPerReplica).toBe(14_500)
  })

  test('not after a single look that asked for as many', () => {
    const state = { recommendations: [{ atMs: 50_000, replicas: 3 }, { atMs: 95_000, replicas: 1 }], capacityPerReplica: 1_000 }
    expect(decide({ replicas: 3, lag: 0, processedPerSecond: 10 }, {}, state).replicas).toBe(3)
  })

  test('never below the minimum, and at once into changed bounds', () => {
    expect(decide({ replicas: 2, lag: 0 }, { minReplicas: 2 }).replicas).toBe(2)
    expect(decide({ replicas: 1, lag: 0 }, { minReplicas: 2 }).replicas).toBe(2)
    expect(decide({ replicas: 6, lag: undefined }, { maxReplicas: 4 }).replicas).toBe(4)
  })
})

test('a load that comes and goes does not make it flap', () => {
  let replicas = 1
  let state: ScalingState = initialScalingState
  let changes = 0
  let lag = 0
  for (let second = 0; second < 1_200; second += 5) {
    // 300 to 2,700 readings arrive each second, in waves of two minutes; a detector does 1,000.
    const arriving = 1_500 + 1_200 * Math.sin((second / 120) * 2 * Math.PI)
    const worked = Math.min(replicas * 1_000, lag / 5 + arriving)
    lag = Math.max(0, lag + (arriving - worked) * 5)
    const decision = decideReplicas({ ...policy, scaleDownStabilizationMs: 300_000 }, state, { nowMs: second * 1_000, replicas, lag, processedPerSecond: worked })
    if (decision.replicas !== replicas) changes++
    replicas = decision.replicas
    state = decision.state
  }
  expect(changes).toBeLessThanOrEqual(8)
  expect(replicas).toBeGreaterThanOrEqual(2)
})
