import { mulberry32 } from '@tidewatch/kit'
import type { DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig, plainModel, plainThreshold, TopologyDriver, type DrivenEvent, type DrivenWindow } from './testing/index.ts'
import { maxMetadataBytes } from './restore-point.ts'

const startMs = Date.UTC(2026, 0, 1)

/** A stream with everything that can go wrong in it: late and early readings, poison, copies, silence. */
function aStream(count: number, seed: number): DrivenEvent[] {
  const draw = mulberry32(seed)
  const events: DrivenEvent[] = []
  let nowMs = startMs
  while (events.length < count) {
    nowMs += Math.floor(draw() * 3_000)
    const device = `d${Math.floor(draw() * draw() * 6)}`
    const dice = draw()
    const offsetMs = dice < 0.15 ? -Math.floor(draw() * 60_000) : dice < 0.2 ? 20_000 : 0
    const reading = { sensor_id: device, timestamp: new Date(nowMs + offsetMs).toISOString(), metric: draw() < 0.7 ? 'a' : 'b', value: 20 + draw() * 5 }
    const value = dice > 0.97 ? 'no json' : dice > 0.95 ? { ...reading, timestamp: new Date(nowMs + 3_600_000).toISOString() } : reading
    events.push({ send: { value, timestampMs: nowMs, ...(dice > 0.8 && dice < 0.85 && { fault: 'spike' }) }, nowMs })
    if (draw() < 0.05) events.push(events.at(-1)!)
    if (draw() < 0.03) {
      const silenceMs = Math.floor(draw() * 90_000)
      events.push({ silenceMs })
      nowMs += silenceMs
    }
  }
  events.push({ silenceMs: 3_600_000 })
  return events
}

const models = plainModel()
const thresholds = plainThreshold()

function aDriver(config: DetectorConfig, nowMs = startMs) {
  return new TopologyDriver({ config, nowMs, keepsHistory: true, models, thresholds })
}

/** Windows without what depends on what models had learned. */
const facts = (windows: readonly DrivenWindow[]) =>
  windows
    .map(({ result: _, ...window }) => window)
    .sort((a, b) => a.endMs - b.endMs || a.device.localeCompare(b.device) || (a.metric ?? '').localeCompare(b.metric ?? '') || a.startMs - b.startMs)

const cases: [string, Partial<DetectorConfig>][] = [
  ['tumbling windows, rules', { window: { kind: 'tumbling', sizeMs: 30_000 }, consecutive: 2, suppressForMs: 60_000 }],
  ['sliding windows', { window: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 } }],
  ['sliding windows of each metric, with every feature', {
    window: { kind: 'sliding', sizeMs: 40_000, slideMs: 20_000 },
    groupBy: 'DeviceAndMetric',
    features: ['mean', 'stddev', 'min', 'max', 'count', 'range', 'median', 'p95', 'slope', 'last', 'delta', 'rate', 'zeroCrossings', 'distinct'],
  }],
  ['sessions', { window: { kind: 'session', gapMs: 8_000, maxDurationMs: 3_600_000 } }],
  ['sessions without lateness', { window: { kind: 'session', gapMs: 15_000, maxDurationMs: 3_600_000 }, allowedLatenessMs: 0 }],
  ['readings without a window', { window: { kind: 'none' } }],
]

describe('a detector that takes over at any offset closes the same windows', () => {
  test.each(cases)('%s', { timeout: 60_000 }, (_, given) => {
    const config = aConfig({ ...given, warmUp: 3 })
    const events = aStream(260, 11)
    const whole = aDriver(config)
    whole.play(...events)
    if (config.window.kind !== 'none') expect(whole.windows.length).toBeGreaterThan(30)
    expect(whole.tallies.deadLetters.notJson).toBeGreaterThan(0)
    expect(whole.tallies.deadLetters.timestampTooFarAhead).toBeGreaterThan(0)
    if (config.window.kind !== 'none') expect(whole.tallies.late).toBeGreaterThan(0)

    for (let cut = 0; cut <= events.length; cut++) {
      const first = aDriver(config)
      first.play(...events.slice(0, cut))
      const position = first.topology.position()!
      expect(position.offset).toBe(first.log.length)
      expect(Buffer.byteLength(position.metadata)).toBeLessThan(maxMetadataBytes)

      const second = aDriver(config, first.nowMs)
      const { startOffset } = second.topology.resume(position)
      expect(startOffset).toBeLessThanOrEqual(position.offset)
      for (const record of first.log.slice(startOffset)) second.step(record)
      // Nothing that the first one did is done or counted again.
      expect(second.windows).toEqual([])
      expect(second.deadLetters).toEqual([])
      expect(second.tallies.records).toBe(0)
      // The rest of the log, as the first one would have found it.
      second.continueAt(first.log.length)
      second.topology.tick(second.nowMs, true, second)
      second.play(...events.slice(cut))

      expect(facts([...first.windows, ...second.windows])).toEqual(facts(whole.windows))
      expect(first.tallies.late + second.tallies.late).toBe(whole.tallies.late)
      expect(first.deadLetters.length + second.deadLetters.length).toBe(whole.deadLetters.length)
      expect(second.topology.position()).toEqual(whole.topology.position())
    }
  })

  test('and again, when it is itself followed by another, at any two offsets', () => {
    const config = aConfig({ window: { kind: 'session', gapMs: 8_000, maxDurationMs: 3_600_000 } })
    const events = aStream(120, 5)
    const whole = aDriver(config)
    whole.play(...events)
    for (let cut = 0; cut <= events.length; cut += 7) {
      for (let next = cut; next <= events.length; next += 11) {
        const windows: DrivenWindow[] = []
        let driver = aDriver(config)
        let log = driver.log
        let from = 0
        for (const to of [cut, next, events.length]) {
          driver.play(...events.slice(from, to))
          windows.push(...driver.windows)
          if (to === events.length) break
          const position = driver.topology.position()!
          log = [...log.slice(0, position.offset - driver.log.length), ...driver.log]
          const successor = aDriver(config, driver.nowMs)
          const { startOffset } = successor.topology.resume(position)
          for (const record of log.slice(startOffset)) successor.step(record)
          successor.continueAt(position.offset)
          successor.topology.tick(successor.nowMs, true, successor)
          driver = successor
          from = to
        }
        expect(facts(windows)).toEqual(facts(whole.windows))
      }
    }
  })
})

describe('a commit that is not ours', () => {
  test.each([['', 'empty'], ['{"v":99}', 'of another version'], ['moved by hand', 'words']])('begins at its offset with nothing known (%s: %s)', (metadata) => {
    const driver = aDriver(aConfig())
    expect(driver.topology.resume({ offset: 17, metadata })).toEqual({ startOffset: 17, committedOffset: 17 })
    expect(driver.topology.isReplaying).toBe(false)
    expect(driver.topology.nextOffset).toBe(17)
  })
})

test('a partition whose last records before the commit were none for us is not stuck in reading again', () => {
  const config = aConfig()
  const first = aDriver(config)
  first.play(...aStream(30, 3).slice(0, 30))
  const { metadata, offset } = first.topology.position()!
  const second = aDriver(config, first.nowMs)
  // Two control records of a transaction took the last two offsets; no reader ever sees them.
  const { startOffset } = second.topology.resume({ offset: offset + 2, metadata })
  for (const record of first.log.slice(startOffset)) second.step(record)
  expect(second.topology.isReplaying).toBe(true)
  expect(second.topology.position()).toBeUndefined()
  second.topology.tick(second.nowMs, true, second)
  expect(second.topology.isReplaying).toBe(false)
  expect(second.topology.position()?.offset).toBe(offset + 2)
})
