import { expect } from 'vitest'
import { aConfig, TopologyDriver } from '../../../testing/index.ts'

/** When the first reading was sent. */
export const startMs = Date.UTC(2026, 0, 1)
/** Of the detector that wrote it. */
export const config = aConfig({ features: ['mean', 'count'], window: { kind: 'tumbling', sizeMs: 10_000 }, model: { kind: 'robustZScore', parameters: { warmUp: 3, window: 8 } }, warmUp: 3 })

/** Readings `from` to `to`; the snapshots were taken of the first 57. */
export function send(driver: TopologyDriver, from: number, to: number, valueOf = (i: number) => 20 + ((i * 7) % 5) / 10): void {
  for (let i = from; i < to; i++) {
    for (const device of i < 10 || (i > 40 && i < 50) ? ['d0', 'd1'] : ['d0']) {
      const timestampMs = startMs + i * 2_000
      driver.send({
        value: { sensor_id: device, timestamp: new Date(timestampMs).toISOString(), metric: 'a', value: valueOf(i) },
        timestampMs,
        ...(i > 30 && i < 36 && device === 'd0' && { fault: 'spike' }),
      })
    }
  }
}

/** That a detector goes on from an older one's snapshot as one that saw all of the log. */
export function expectToGoOn(written: Buffer): void {
  const restored = new TopologyDriver({ config, nowMs: startMs })
  expect(restored.topology.restore(written)).toEqual({ nextOffset: 76 })
  const whole = new TopologyDriver({ config, nowMs: startMs })
  whole.topology.start(0)
  send(whole, 0, 57)
  expect(Buffer.compare(restored.topology.snapshot(), whole.topology.snapshot())).toBe(0)
  restored.continueAt(76)
  for (const driver of [restored, whole]) send(driver, 57, 70, (i) => (i === 62 ? 90 : 20.2))
  expect(restored.verdicts.map(({ verdict }) => [verdict.sensor_id, verdict.window_start, verdict.is_anomaly])).toEqual([['d0', '2026-01-01T00:02:00.000Z', true]])
  expect(restored.verdicts).toEqual(whole.verdicts)
}
