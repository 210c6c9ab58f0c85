import { detectorConfig, presets, type DetectorConfig } from '@tidewatch/api'
import { aConfig, TopologyDriver } from '@tidewatch/detector/testing'
import type { Verdict } from '@tidewatch/detector'
import { plain } from '../manifests/diagnostic.ts'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, judgeReplay, toJson, type Beginning } from './explanation.ts'
import { findContradiction } from './explain-verdict.ts'
import type { FoundVerdict } from './find-verdict.ts'
import { renderPage } from './page.ts'
import { Replay } from './replay.ts'

const startMs = Date.UTC(2026, 0, 1)
const fromStart: Beginning = { kind: 'log', offset: 0 }

const windows: [string, Partial<DetectorConfig>][] = [
  ['tumbling windows', { window: { kind: 'tumbling', sizeMs: 10_000 } }],
  ['sliding windows', { window: { kind: 'sliding', sizeMs: 20_000, slideMs: 5_000 } }],
  ['sessions', { window: { kind: 'session', gapMs: 5_000, maxDurationMs: 60_000 } }],
  ['readings by themselves', { window: { kind: 'none' } }],
]

/** A detector that has seen two devices, one of which sends pauses and values that are off; the log is in `driver.log`. */
function aRun(given: Partial<DetectorConfig>): { config: DetectorConfig; driver: TopologyDriver } {
  const config = aConfig({ groupBy: 'DeviceAndMetric', warmUp: 5, model: { kind: 'robustZScore', parameters: { warmUp: 5 } }, allowedLatenessMs: 0, idleTimeoutMs: 30_000, ...given })
  const driver = new TopologyDriver({ config, keepsHistory: true, nowMs: startMs })
  for (let second = 0; second < 400; second++) {
    driver.nowMs = startMs + second * 1_000
    for (const device of ['a', 'b']) {
      if (second % 20 >= 13) continue
      const value = 20 + ((second * 7 + device.charCodeAt(0)) % 11) / 10 + (Math.floor(second / 20) % 9 === 8 ? 25 : 0)
      driver.send({ value: { sensor_id: device, timestamp: new Date(driver.nowMs).toISOString(), metric: 't', value } })
    }
  }
  return { config, driver }
}

const found = (verdict: Verdict): FoundVerdict => ({ verdict: JSON.parse(JSON.stringify(verdict)) as Verdict, topic: 'anomalies', partition: 0, offset: 3, timestampMs: startMs + 500_000 })

function replayAll(config: DetectorConfig, driver: TopologyDriver, verdict: Verdict): Replay {
  const replay = new Replay(config, verdict)
  replay.startAt(0)
  for (const record of driver.log) if (replay.step(record)) break
  return replay
}

describe.each(windows)('a replay of %s', (_, given) => {
  const { config, driver } = aRun(given)

  test('comes to every verdict again, to the bit, with the readings of its window', () => {
    expect(driver.verdicts.length).toBeGreaterThan(1)
    for (const { verdict } of driver.verdicts) {
      const { result } = replayAll(config, driver, verdict)
      expect(judgeReplay(found(verdict), fromStart, result, []).kind).toBe('reproduced')
      if (config.window.kind === 'none') continue
      expect(result.readings).toMatchObject([{ metric: 't', firstOffset: verdict.offsets.first, lastOffset: verdict.offsets.last }])
      expect(result.closedBy?.offset).toBeGreaterThan(verdict.offsets.last)
    }
  })

  test('comes to something else where the verdict is not what its records say, down to the last bit', () => {
    const { verdict } = driver.verdicts.at(-1)!
    const forged = { ...verdict, anomaly_score: verdict.anomaly_score * (1 + Number.EPSILON) }
    const explanation = judgeReplay(found(forged), fromStart, replayAll(config, driver, verdict).result, [])
    expect(explanation).toMatchObject({ kind: 'differs', changes: ['anomaly_score'] })
    expect(exitCodeOf(explanation)).toBe(1)
    expect(renderPage(verdict.id, explanation, plain)).toContain('reproduced to the bit: no (anomaly_score)')
    // Where the clock had a part in it a difference proves nothing.
    const doubtful = judgeReplay(found(forged), fromStart, replayAll(config, driver, verdict).result, ['readings that were ahead of the clock were refused'])
    expect([doubtful.kind, exitCodeOf(doubtful)]).toEqual(['refused', 2])
  })
})

test('a window that the clock closed is closed by the clock again, where commits have noted it', () => {
  const config = aConfig({ groupBy: 'DeviceAndMetric', warmUp: 5, model: { kind: 'robustZScore', parameters: { warmUp: 5 } }, window: { kind: 'tumbling', sizeMs: 10_000 }, allowedLatenessMs: 0, idleTimeoutMs: 30_000 })
  const driver = new TopologyDriver({ config, keepsHistory: true, nowMs: startMs })
  for (let second = 0; second < 100; second++) {
    driver.nowMs = startMs + second * 1_000
    driver.send({ value: { sensor_id: 'a', timestamp: new Date(driver.nowMs).toISOString(), metric: 't', value: second >= 90 ? 70 : 20 + (second % 7) / 10 } })
  }
  expect(driver.verdicts).toEqual([])
  driver.advance(31_000)
  const { verdict } = driver.verdicts[0]!
  const replay = new Replay(config, verdict, driver.topology.restorePoint())
  replay.startAt(0)
  for (const record of driver.log) expect(replay.step(record)).toBe(false)
  expect(judgeReplay(found(verdict), fromStart, replay.result, [])).toMatchObject({ kind: 'refused', reason: 'DecidedByClock' })
  replay.tick(driver.nowMs)
  expect(judgeReplay(found(verdict), fromStart, replay.result, []).kind).toBe('reproduced')
  expect(replay.result.closedBy).toBeUndefined()
})

test('verdicts from the time after the input got more partitions are proved as well: windows that may be torn are not learned again', () => {
  const { config, driver: before } = aRun(windows[0]![1])
  const driver = new TopologyDriver({ config, nowMs: startMs + 86_400_000 })
  driver.topology.start(0)
  driver.topology.meetPartitions(2)
  for (const record of before.log) {
    if (record.offset === 205) driver.topology.meetPartitions(3)
    // One device has moved away in the middle of a window.
    if (record.offset < 212 || record.offset % 2 === 0) driver.step(record)
  }
  const log = before.log.filter(({ offset }) => offset < 212 || offset % 2 === 0)
  const { verdict } = driver.verdicts.at(-1)!
  expect(verdict.offsets.first).toBeGreaterThan(212)
  const replay = new Replay(config, verdict, driver.topology.restorePoint())
  replay.startAt(0)
  for (const record of log) if (replay.step(record)) break
  expect(judgeReplay(found(verdict), fromStart, replay.result, []).kind).toBe('reproduced')
})

test('a verdict of another pipeline, topic or model is told from one that differs', () => {
  const { config, driver } = aRun(windows[0]![1])
  const one = found(driver.verdicts[0]!.verdict)
  expect(findContradiction(config, one)).toBeUndefined()
  expect(findContradiction({ ...config, topic: 'other' }, one)).toMatchObject({ reason: 'OtherPipeline', message: 'The verdict was computed from readings, and test reads other: give the manifest of the pipeline that it belongs to' })
  expect(findContradiction({ ...config, model: { kind: 'microClusters', parameters: {} } }, one)).toMatchObject({ reason: 'ConfigurationChanged' })
  const renamed = detectorConfig.parse({ ...config, reading: presets.SensorReading, pipeline: { ...config.pipeline, uid: 'a-b-c' } })
  expect(findContradiction(renamed, one)).toMatchObject({ reason: 'OtherPipeline', message: expect.stringContaining('kubectl get detectionpipeline test -o yaml') as string })
})

test('the page and the JSON of a verdict that is proved', () => {
  const { config, driver } = aRun(windows[0]![1])
  const { verdict } = driver.verdicts[0]!
  const explanation = judgeReplay(found(verdict), { kind: 'checkpoint', offset: 4 }, replayAll(config, driver, verdict).result, [])
  const lines = renderPage(verdict.id, explanation, plain).split('\n')
  expect(lines[0]).toBe(`Anomaly ${verdict.id} of ${verdict.sensor_id}, t`)
  expect(lines).toContain(`window      ${verdict.window_start} to ${verdict.window_end} (10.0 s)`)
  expect(lines.filter((line) => line.endsWith(' %'))).toHaveLength(config.features.length)
  expect(lines.find((line) => line.startsWith('replayed  '))).toMatch(/records from the checkpoint at offset 4 on; the window was closed by record \d+$/)
  expect(lines.at(-3)).toBe('reproduced to the bit: yes')
  expect(lines.at(-2)?.slice('written'.length)).toBe(lines.at(-1)?.slice('replayed'.length).padStart(lines.at(-2)!.length - 'written'.length))
  expect(toJson(verdict.id, explanation)).toMatchObject({ id: verdict.id, reproduced: true, reason: null, changes: [], replayedFrom: { kind: 'checkpoint', offset: 4 } })
})
