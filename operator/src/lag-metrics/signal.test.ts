import { describe, expect, test } from 'vitest'
import { computeSignal, type SignalPolicy } from './signal.ts'
import { HpaModel } from './testing/hpa-model.ts'
import { watchFor, type Offsets } from './testing/looks.ts'

const policy: SignalPolicy = { targetDrainSeconds: 30, targetLagPerReplica: undefined }

/** What the HPA would set, from one reading. */
const wantedBy = (drainSeconds: number | undefined, replicas: number, max = 100) => new HpaModel({ targetSeconds: 30, max, stabilizationMs: 0 }).sync(0, replicas, drainSeconds)

/** Four partitions that are worked off at `rate` a second altogether, with `lag` waiting altogether all the time. */
const steady = (rate: number, lag: number, replicas: number, partitions = 4) =>
  watchFor(13, (seconds) => ({ replicas, partitions: Array.from({ length: partitions }, (): Offsets => [1_000 + (rate * seconds) / partitions, 1_000 + (rate * seconds + lag) / partitions]) }))

describe('computeSignal', () => {
  test('says all of it at once', () => {
    expect(computeSignal(policy, steady(1_000, 45_000, 1))).toEqual({
      atMs: 60_000,
      drainSeconds: 45,
      workSeconds: 45,
      lagRecords: 45_000,
      totalLag: 45_000,
      ratePerSecond: 1_000,
      arrivalsPerSecond: 1_000,
      worstPartition: 0,
      stuckPartitions: [],
      reason: '45000 records take 45.0 s to work off, against 30 s',
    })
  })

  test.each([
    ['scale out: 45 s of work for one, against 30 s', steady(1_000, 45_000, 1), 2],
    ['scale out: 70 s of work for two', steady(2_000, 140_000, 2, 8), 5],
    ['no scale: 31 s of work is within the tolerance', steady(2_000, 62_000, 2), 2],
    ['no scale: what arrives needs all that run, at four fifths of what each can do', watchFor(13, (s) => ({ replicas: 2, partitions: [[800 * s, 800 * s], [800 * s, 800 * s]] }), steady(2_000, 60_000, 2, 2)), 2],
    ['scale in: nothing waits, and one detector is enough for what arrives', watchFor(13, (s) => ({ replicas: 4, partitions: [[50 * s, 50 * s], [50 * s, 50 * s], [0, 0], [0, 0]] }), steady(4_000, 120_000, 4)), 1],
    ['scale in by one where nobody knows what a detector can do', watchFor(13, (s) => ({ replicas: 4, partitions: [[50 * s, 50 * s], [50 * s, 50 * s], [0, 0], [0, 0]] })), 3],
    ['never more than there are partitions', steady(1_000, 9_000_000, 3, 4), 4],
    ['fewer where more run than there are partitions', steady(1_000, 9_000_000, 6, 4), 4],
    ['to eight of eight from seven', steady(1_000, 9_000_000, 7, 8), 8],
  ])('%s', (_, history, replicas) => {
    const now = history.looks.at(-1)?.replicas ?? 0
    expect(wantedBy(computeSignal(policy, history)?.drainSeconds, now)).toBe(replicas)
  })

  // KEDA's list, each as scale-out, scale-in and no scale.
  test.each([
    ['never committed: everything that is left in the log waits', (lag: number): Offsets => [undefined, 1_000 + lag, 1_000]],
    ['committed before what retention has left: only what is left counts', (lag: number): Offsets => [10, 1_000 + lag, 1_000]],
    ['committed', (lag: number): Offsets => [1_000, 1_000 + lag, 0]],
  ])('%s', (_, last) => {
    const before = steady(1_000, 30_000, 1, 1)
    const drain = (lag: number) => computeSignal(policy, watchFor(1, () => ({ partitions: [last(lag)] }), before))?.workSeconds
    const rate = 1_000
    expect(drain(0)).toBe(0)
    expect([30_000, 90_000].map((lag) => (drain(lag) ?? 0) >= lag / rate)).toEqual([true, true])
  })

  test('a group that never commits has no rate: no signal, so the autoscaler holds', () => {
    const signal = computeSignal(policy, watchFor(3, () => ({ partitions: [[undefined, 500]] })))
    expect(signal).toMatchObject({ drainSeconds: undefined, totalLag: 500, reason: 'records wait and nothing was worked off yet, so the rate is not known' })
  })

  test('one look alone tells no rate', () => {
    expect(computeSignal(policy, watchFor(1, () => ({ partitions: [[0, 0]] })))).toMatchObject({ drainSeconds: undefined, reason: 'the rate is not known before the second look' })
    expect(computeSignal(policy, watchFor(0, () => ({ partitions: [] })))).toBeUndefined()
  })

  test('the marker of the last transaction, a lag of 1 in each partition for good, scales nothing', () => {
    const history = watchFor(40, () => ({ replicas: 1, partitions: [[99, 100], [99, 100], [99, 100]] }))
    expect(computeSignal(policy, history)).toMatchObject({ drainSeconds: 0, lagRecords: 0, totalLag: 3, stuckPartitions: [] })
  })

  test('a topic deleted and made again ends before what was committed: nothing waits', () => {
    expect(computeSignal(policy, watchFor(2, () => ({ partitions: [[900, 10]] })))).toMatchObject({ drainSeconds: 0, totalLag: 0 })
  })

  test('lag for each detector: capped at the target for each partition', () => {
    const byRecords: SignalPolicy = { ...policy, targetLagPerReplica: 100 }
    expect(computeSignal(byRecords, steady(1_000, 250, 1))?.lagRecords).toBe(250)
    expect(computeSignal(byRecords, steady(1_000, 90_000, 1, 4))?.lagRecords).toBe(400)
  })
})

describe('stuck partitions', () => {
  const others = (s: number): Offsets => [1_000 * s, 1_000 * s]

  test('are left out and named after a minute in which others move', () => {
    const history = watchFor(13, (s) => ({ replicas: 2, partitions: [[50, 90_000], others(s)] }))
    expect(computeSignal(policy, history)).toMatchObject({ stuckPartitions: [0], worstPartition: 0, totalLag: 89_950, lagRecords: 0, workSeconds: 0 })
  })

  test('count again as soon as they move', () => {
    const history = watchFor(13, (s) => ({ replicas: 2, partitions: [[50, 90_000], others(s)] }))
    expect(computeSignal(policy, watchFor(1, (s) => ({ replicas: 2, partitions: [[51, 90_000], others(s)] }), history))).toMatchObject({ stuckPartitions: [], lagRecords: 89_949 })
  })

  test.each([
    ['not before a minute', watchFor(12, (s) => ({ replicas: 2, partitions: [[50, 90], others(s)] }))],
    ['not while no detector is ready', watchFor(30, (s) => ({ replicas: s === 100 ? 0 : 1, partitions: [[50, 90], others(s)] }))],
    ['not in the minute after a detector came', watchFor(30, (s) => ({ replicas: s < 120 ? 1 : 2, partitions: [[50, 90], others(s)] }))],
    ['not with nothing waiting', watchFor(30, (s) => ({ replicas: 2, partitions: [[90, 90], others(s)] }))],
  ])('%s', (_, history) => {
    expect(computeSignal(policy, history)?.stuckPartitions).toEqual([])
  })

  test('when all stand still, the number of detectors is held', () => {
    const signal = computeSignal({ ...policy, targetLagPerReplica: 100 }, watchFor(20, () => ({ replicas: 3, partitions: [[50, 90_000], [50, 70_000]] })))
    expect(signal).toMatchObject({ stuckPartitions: [0, 1], lagRecords: 300, reason: 'every partition stands still: the number of detectors is held' })
    expect(wantedBy(signal?.drainSeconds, 3)).toBe(3)
  })
})

/** A pipeline of eight partitions under an HPA; a detector does 1,000 a second, a change stops all for eight seconds. */
function simulate(arrivals: (second: number) => number, seconds: number, options: { unreadable?: (second: number) => boolean } = {}): number[] {
  const hpa = new HpaModel({ targetSeconds: 30, max: 8 })
  let replicas = 1
  let pausedUntil = 0
  let end = 0
  let committed = 0
  let history = watchFor(0, () => ({ partitions: [] }))
  const counts: number[] = []
  for (let second = 0; second < seconds; second++) {
    end += arrivals(second)
    if (second >= pausedUntil) committed = Math.min(end, committed + replicas * 1_000)
    if (second % 5 === 0) history = watchFor(1, () => ({ replicas, partitions: Array.from({ length: 8 }, (): Offsets => [committed / 8, end / 8]) }), history)
    if (second % 15 !== 0) continue
    const isUnreadable = options.unreadable?.(second) ?? false
    const next = hpa.sync(second * 1_000, replicas, isUnreadable ? undefined : computeSignal(policy, history)?.drainSeconds)
    if (next !== replicas) pausedUntil = second + 8
    replicas = next
    counts.push(replicas)
  }
  return counts
}

/** How often a rise is followed by a fall or the other way round. */
function directionChanges(counts: readonly number[]): number {
  const steps = counts.slice(1).map((count, i) => Math.sign(count - (counts[i] ?? 0))).filter((step) => step !== 0)
  return steps.slice(1).filter((step, i) => step !== steps[i]).length
}

describe('together with an HPA', () => {
  test('a load in waves changes direction at most twice in each', () => {
    const periods = 4
    const counts = simulate((second) => 2_500 + 2_200 * Math.sin((second / 1_800) * 2 * Math.PI), periods * 1_800)
    expect(directionChanges(counts)).toBeLessThanOrEqual(2 * periods)
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(5)
    expect(Math.max(...counts)).toBeLessThanOrEqual(8)
  })

  test('a flood goes up once and comes down once', () => {
    const counts = simulate((second) => (second >= 120 && second < 420 ? 6_000 : 300), 2_400)
    expect(directionChanges(counts)).toBe(1)
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(6)
    expect(counts.at(-1)).toBe(1)
  })

  test('a steady load settles and stays, with no lag left', () => {
    const counts = simulate(() => 3_500, 3_600)
    expect(directionChanges(counts)).toBeLessThanOrEqual(1)
    expect(new Set(counts.slice(-120)).size).toBe(1)
    expect(counts.at(-1)).toBeGreaterThanOrEqual(4)
  })

  test('nothing changes while the lag cannot be read', () => {
    const counts = simulate(() => 6_000, 900, { unreadable: (second) => second >= 30 })
    expect(new Set(counts.slice(2)).size).toBe(1)
  })
})
