import type { DetectorConfig } from '@tidewatch/api'
import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { describePieces } from './snapshot/header.ts'
import { joinPieces } from './snapshot/writer.ts'
import { aConfig, TopologyDriver, type DrivenEvent } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)

/** A few groups a piece. */
const shortPieces = 1_024

/** Many devices, of which a few talk most of the time; late readings, labels, poison, silences. */
function aStream(count: number, seed: number): DrivenEvent[] {
  const draw = mulberry32(seed)
  const events: DrivenEvent[] = []
  let nowMs = startMs
  for (let i = 0; i < count; i++) {
    nowMs += Math.floor(draw() * 400)
    const device = `d${Math.floor(draw() ** 4 * 60)}`
    const timestampMs = nowMs - (draw() < 0.1 ? Math.floor(draw() * 20_000) : 0)
    const value = { sensor_id: device, type: `t${device.length}`, timestamp: new Date(timestampMs).toISOString(), metric: draw() < 0.8 ? 'a' : 'b', value: draw() < 0.02 ? 90 : 20 + draw() }
    const fault = draw() < 0.05 ? { fault: draw() < 0.5 ? 'spike' : 'drift' } : {}
    events.push(draw() < 0.01 ? { send: { value: 'no json' }, nowMs } : { send: { value, timestampMs: nowMs, ...fault }, nowMs })
    if (draw() < 0.004) events.push({ silenceMs: Math.floor(draw() * 60_000) })
  }
  return events
}

const micro: Partial<DetectorConfig> = { model: { kind: 'microClusters', parameters: { warmUp: 4 } }, warmUp: 4 }
const features: DetectorConfig['features'] = ['mean', 'stddev', 'median', 'slope', 'last', 'count']
const reading = { ...aConfig().reading, deviceType: '$.type' } as DetectorConfig['reading']

const cases: [string, Partial<DetectorConfig>, { hasIncrements: boolean }][] = [
  ['tumbling windows, rules', { ...micro, consecutive: 2, suppressForMs: 20_000, window: { kind: 'tumbling', sizeMs: 5_000 }, threshold: { falseAlarmRate: 0.05 } }, { hasIncrements: true }],
  ['sliding windows of each metric', { ...micro, window: { kind: 'sliding', sizeMs: 9_000, slideMs: 3_000 }, groupBy: 'DeviceAndMetric', features }, { hasIncrements: true }],
  ['sessions', { ...micro, window: { kind: 'session', gapMs: 4_000, maxDurationMs: 30_000 }, features }, { hasIncrements: true }],
  ['readings without a window, rules, drifts', { ...micro, suppressForMs: 5_000, drift: { delta: 0.5 }, window: { kind: 'none' } }, { hasIncrements: true }],
  ['readings without a window, priors', { model: { kind: 'microClusters', parameters: { warmUp: 9 } }, warmUp: 9, warmStart: 'Cohort', reading, window: { kind: 'none' } }, { hasIncrements: true }],
  ['a model for each type, rules', { ...micro, consecutive: 2, window: { kind: 'tumbling', sizeMs: 5_000 }, scope: 'DeviceType', reading }, { hasIncrements: false }],
]

describe('a snapshot that is written while records go on coming, whole or as an increment', () => {
  test.each(cases)('is that of the offset at which it was begun, to the byte: %s', { timeout: 120_000 }, (_, given, { hasIncrements }) => {
    const config = aConfig({ silence: { afterMs: 8_000 }, ...given, allowedLatenessMs: 2_000, idleTimeoutMs: 5_000 })
    const aDriver = () => new TopologyDriver({ config, nowMs: startMs })
    const moving = aDriver()
    // Fed with the same, and standing still for each snapshot.
    const still = aDriver()
    const draw = mulberry32(7)
    const events = aStream(3_000, 3)
    let slices: Generator<Uint8Array, void> | undefined
    let expected: Uint8Array = new Uint8Array()
    let pieces: Uint8Array[] = []
    let stored: Uint8Array[] = []
    const counts = { full: 0, increments: 0, longest: 0, longestChain: 0 }
    for (const event of events) {
      if (slices === undefined) {
        for (const { topology } of [moving, still]) topology.keepReplayNotesFrom(topology.nextOffset)
        slices = moving.topology.snapshotInSlices({ pieceLength: shortPieces })
        expected = still.topology.snapshot()
        pieces = []
      }
      moving.play(event)
      still.play(event)
      const taken = Array.from({ length: Math.floor(draw() * 8) }, () => slices!.next())
      for (const { value, done } of taken) if (done !== true) pieces.push(value)
      if (taken.at(-1)?.done !== true) continue
      slices = undefined
      const { isIncrement, trailer } = describePieces(pieces)
      const chain = isIncrement ? [...stored, joinPieces(pieces)] : [joinPieces(pieces)]
      const restored = aDriver()
      restored.topology.restore(Buffer.concat(chain))
      expect(Buffer.compare(restored.topology.snapshot(), expected)).toBe(0)
      counts[isIncrement ? 'increments' : 'full']++
      counts.longest = Math.max(counts.longest, pieces.length)
      counts.longestChain = Math.max(counts.longestChain, chain.length)
      // One in four is never stored: the next increment goes on from the one before.
      if (draw() < 0.25) continue
      stored = chain
      moving.topology.followWith(trailer, chain.length < 6 ? 1 : 0)
    }
    expect(moving.tallies.silences).toBeGreaterThan(10)
    expect(counts.longest).toBeGreaterThan(10)
    expect(counts.full).toBeGreaterThan(3)
    expect(counts.increments > 10).toBe(hasIncrements)
    expect(counts.longestChain > 4).toBe(hasIncrements)
  })
})
