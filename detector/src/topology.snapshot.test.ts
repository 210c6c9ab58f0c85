import { mulberry32 } from '@tidewatch/kit'
import { presets, type DetectorConfig } from '@tidewatch/api'
import { expect, test } from 'vitest'
import { maxMetadataBytes } from './restore-point.ts'
import { aConfig, TopologyDriver, type DrivenEvent, type DrivenRecord } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const dayMs = 86_400_000

/** A stream with everything that can go wrong in it: late, early and repeated readings, poison, clocks that run ahead, labels, silence. */
function aStream(count: number, seed: number): DrivenEvent[] {
  const draw = mulberry32(seed)
  const events: DrivenEvent[] = []
  let nowMs = startMs
  while (events.length < count) {
    nowMs += Math.floor(draw() * 3_000)
    const device = `d${Math.floor(draw() * draw() * 6)}`
    const dice = draw()
    const offsetMs = dice < 0.1 ? -Math.floor(draw() * 60_000) : dice < 0.15 ? 1_500 : 0
    const value = {
      sensor_id: dice > 0.99 ? 'half \ud800 a pair' : device,
      type: `t${device.charCodeAt(1) % 2}`,
      timestamp: new Date(nowMs + offsetMs).toISOString(),
      metric: draw() < 0.7 ? 'a' : 'b',
      value: draw() < 0.03 ? 90 : 20 + draw() * 5,
    }
    const aheadMs = draw() < 0.5 ? 3_600_000 : Math.floor(1_000 + draw() * 3_000)
    const ahead = { ...value, timestamp: new Date(nowMs + aheadMs).toISOString() }
    // Its own timestamp refuses the first; the second is stamped by the device's clock, so that only ours can.
    const send: DrivenRecord =
      dice > 0.96 ? { value: 'no json' } : dice > 0.94 ? { value: ahead, timestampMs: nowMs } : dice > 0.88 ? { value: ahead, timestampMs: nowMs + aheadMs } : { value, timestampMs: nowMs }
    events.push({ send: { ...send, ...(dice > 0.6 && dice < 0.7 && { fault: dice > 0.66 ? 'spike' : 'drift' }) }, nowMs })
    if (draw() < 0.05) events.push(events.at(-1)!)
    if (draw() < 0.04) {
      // In several looks at the clock, of which some close windows.
      const parts = 1 + Math.floor(draw() * 4)
      for (let part = 0; part < parts; part++) {
        const silenceMs = Math.floor(draw() * 40_000)
        events.push({ silenceMs })
        nowMs += silenceMs
      }
    }
  }
  // A day on, everything is forgotten.
  events.push({ silenceMs: 40_000 }, { silenceMs: 1.2 * dayMs })
  for (let i = 0; i < 12; i++) events.push({ send: { value: { sensor_id: 'd0', type: 't0', timestamp: new Date(nowMs + 1.3 * dayMs + i * 20_000).toISOString(), metric: 'a', value: 20 } }, nowMs: nowMs + 1.3 * dayMs + i * 20_000 })
  return events
}

/** Everything that a topology has done. */
const doneBy = ({ verdicts, deadLetters, late, clusterEvents, judged, windows, detectionDelaysMs }: TopologyDriver) => ({
  verdicts: [...verdicts],
  deadLetters: [...deadLetters],
  late: [...late],
  clusterEvents: [...clusterEvents],
  // One by one: what came of the same moment is counted together.
  judged: judged.flatMap((moment) => Array.from({ length: moment.windows }, () => moment.timestampMs)),
  windows: [...windows],
  delays: [...detectionDelaysMs].flatMap(([label, delays]) => delays.map((ms) => `${label} ${ms}`)),
})

type Done = ReturnType<typeof doneBy>

/** What came after, of all that was done. */
function since(all: Done, before: Done): Done {
  const { delays, ...lists } = all
  const rest = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.slice(before[name as keyof Done].length)]))
  const left = [...delays]
  for (const delay of before.delays) left.splice(left.indexOf(delay), 1)
  return { ...rest, delays: left.sort() } as Done
}

/** All that was counted, as numbers. */
function countsOf({ tallies }: TopologyDriver): number[] {
  const { accuracy, deadLetters, ...plain } = tallies
  const { labels } = accuracy
  const seen = Array.from({ length: labels.count }, (_, fault) => labels.nameOf(fault))
  const byFault: number[] = ['none', 'spike', 'drift'].flatMap((label) => (seen.includes(label) ? Object.values(accuracy.tallyOf(seen.indexOf(label)) as unknown as Record<string, number>) : [0, 0, 0, 0, 0, 0]))
  return [...Object.values<number>(plain), ...Object.values(deadLetters), accuracy.normalJudged, accuracy.normalFlagged, ...byFault]
}

const typed = { ...presets.SensorReading, deviceType: '$.type' }
const wide = { device: '$.sensor_id', eventTime: presets.SensorReading.eventTime, allNumbers: { except: [] }, categories: [] } as DetectorConfig['reading']

const allFeatures: DetectorConfig['features'] = ['mean', 'stddev', 'min', 'max', 'count', 'range', 'median', 'p95', 'slope', 'last', 'delta', 'rate', 'zeroCrossings', 'distinct']

const micro: Partial<DetectorConfig> = { model: { kind: 'microClusters', parameters: { warmUp: 4 } }, warmUp: 4 }
const robust: Partial<DetectorConfig> = { model: { kind: 'robustZScore', parameters: { warmUp: 3, window: 8 } }, warmUp: 3 }

/** Rules that remember what was told of a group. */
const rules: Partial<DetectorConfig> = { consecutive: 2, suppressForMs: 25_000 }

const cases: [string, Partial<DetectorConfig>][] = [
  ['tumbling windows, micro-clusters, a rate of false alarms', { ...micro, window: { kind: 'tumbling', sizeMs: 10_000 }, threshold: { falseAlarmRate: 0.05 } }],
  ['sliding windows, robust z-scores, rules', { ...robust, ...rules, window: { kind: 'sliding', sizeMs: 30_000, slideMs: 10_000 } }],
  ['sliding windows of each metric, with every feature, a model for all', { ...micro, window: { kind: 'sliding', sizeMs: 40_000, slideMs: 20_000 }, groupBy: 'DeviceAndMetric', scope: 'All', features: allFeatures }],
  ['sessions, a model for each type', { ...robust, window: { kind: 'session', gapMs: 4_000, maxDurationMs: 3_600_000 }, reading: typed, scope: 'DeviceType', features: ['mean', 'median', 'count'] }],
  ['sessions without lateness, cut, a rate of false alarms', { ...micro, window: { kind: 'session', gapMs: 9_000, maxDurationMs: 20_000 }, allowedLatenessMs: 0, threshold: { falseAlarmRate: 0.1 } }],
  ['readings without a window, a quantile, rules', { ...robust, suppressForMs: 7_000, minDeviation: 0.5, window: { kind: 'none' }, threshold: { quantile: 0.9 } }],
  ['readings without a window, all numbers of a record, a model for all, rules, drifts', { ...micro, suppressForMs: 5_000, drift: { delta: 0.5 }, window: { kind: 'none' }, reading: wide, scope: 'All', threshold: { falseAlarmRate: 0.1 } }],
]

test.each(cases)('restored from a snapshot at any offset and taken on to any commit, it does the same to the bit: %s', { timeout: 120_000 }, (_, given) => {
  const outputs = { anomalies: 'anomalies', deadLetters: 'dead-letters', scores: 'scores', late: 'late', clusterEvents: 'clusters' }
  const config = aConfig({ maxClockSkewMs: 2_000, idleTimeoutMs: 15_000, allowedLatenessMs: 4_000, outputs, silence: { missedIntervals: 2 }, ...given })
  const events = aStream(250, 17)
  const aDriver = (nowMs: number) => new TopologyDriver({ config, nowMs, keepsHistory: true })

  const whole = aDriver(startMs)
  whole.topology.start(0)
  const moments: { snapshot: Uint8Array; position: { offset: number; metadata: string }; done: Done; nowMs: number; counts: number[] }[] = []
  for (let cut = 0; cut <= events.length; cut++) {
    whole.topology.keepReplayNotesFrom(Math.max(0, whole.topology.nextOffset - 60))
    const position = whole.topology.position()!
    expect(Buffer.byteLength(position.metadata)).toBeLessThan(maxMetadataBytes)
    moments.push({ snapshot: whole.topology.snapshot(), position, done: doneBy(whole), nowMs: whole.nowMs, counts: countsOf(whole) })
    const event = events[cut]
    if (event !== undefined) whole.play(event)
  }
  const all = doneBy(whole)
  expect(all.verdicts.length).toBeGreaterThan(5)
  if (config.model.kind === 'microClusters') expect(all.clusterEvents.length).toBeGreaterThan(0)
  expect(whole.tallies.silences).toBeGreaterThan(3)
  expect(whole.tallies.anomalies).toBeGreaterThan(whole.tallies.silences)
  expect(whole.tallies.deadLetters.notJson).toBeGreaterThan(0)
  expect(whole.tallies.deadLetters.timestampTooFarAhead).toBeGreaterThan(5)
  if (config.window.kind !== 'none') expect(all.late.length).toBeGreaterThan(0)
  expect(moments.some(({ position }) => position.metadata.includes('"b":[['))).toBe(true)

  for (let from = 0; from < moments.length; from++) {
    for (const to of [from, from + 1, from + 2, from + 13, from + 45]) {
      const [taken, committed] = [moments[from]!, moments[to]]
      if (committed === undefined) continue
      // Hours later, on a machine that never saw the stream.
      const second = aDriver(committed.nowMs + 7 * 3_600_000)
      expect(second.topology.restore(taken.snapshot)).toEqual({ nextOffset: taken.position.offset })
      expect(second.topology.resumeSilently(committed.position)).toEqual({ startOffset: taken.position.offset, committedOffset: committed.position.offset })
      for (const record of whole.log.slice(taken.position.offset, committed.position.offset)) second.step(record)
      expect(second.topology.isReplaying).toBe(false)
      expect(second.topology.replayDiverged).toBe(false)
      expect(doneBy(second)).toEqual({ verdicts: [], deadLetters: [], late: [], clusterEvents: [], judged: [], windows: [], delays: [] })
      expect(second.tallies.records).toBe(0)
      second.topology.keepReplayNotesFrom(Math.max(0, second.topology.nextOffset - 60))
      // Where it stands now is where the first one stood then, to the last byte.
      expect(Buffer.compare(second.topology.snapshot(), committed.snapshot)).toBe(0)
      // And goes on as the first one did.
      if (from % 9 !== 0) continue

      second.continueAt(committed.position.offset)
      second.nowMs = committed.nowMs
      for (const event of events.slice(to)) second.play(event)
      const done = doneBy(second)
      expect({ ...done, delays: done.delays.sort() }).toEqual(since(all, committed.done))
      expect(countsOf(second)).toEqual(countsOf(whole).map((count, i) => count - committed.counts[i]!))
    }
  }
})
