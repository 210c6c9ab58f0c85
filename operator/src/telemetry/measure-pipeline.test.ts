import { detectorMetrics as names, Totals } from '@tidewatch/api'
import { histogram, sample } from '@tidewatch/api/testing'
import { expect, test } from 'vitest'
import { measurePipeline, type PipelineMemory } from './measure-pipeline.ts'

const minuteMs = 60_000

/** The detectors of a pipeline after so many readings and anomalies. */
const look = (processed: number, anomalies: number, { watermark = 100, ...more }: { watermark?: number; faults?: boolean } = {}) =>
  new Totals([
    sample(names.processed, processed),
    sample(names.anomalies, anomalies),
    sample(names.keys, 3, { state: 'active' }),
    sample(names.keys, 2, { state: 'warming' }),
    sample(names.stateBytes, 4_096),
    sample(names.watermark, watermark, { partition: '0' }),
    sample(names.watermark, watermark + 60, { partition: '1' }),
    ...(more.faults === true
      ? [sample(names.incidents, 4, { fault: 'spike' }), sample(names.incidentsDetected, 3, { fault: 'spike' }), sample(names.faultWindows, 6, { fault: 'spike', flagged: 'true' }), sample(names.normalWindows, 2, { flagged: 'true' }), ...histogram(names.detectionDelay, { 5: 3 }, { fault: 'spike' })]
      : []),
  ])

/** Looks one after another, `everyMs` apart. */
function watch(looks: readonly Totals[], told?: { lastHour: number; total: number }, everyMs = 10_000): PipelineMemory {
  let memory: PipelineMemory | undefined
  looks.forEach((totals, index) => (memory = measurePipeline(totals, memory, told, index * everyMs)))
  return memory!
}

test('the first look shows everything but a rate', () => {
  expect(watch([look(1_000, 2, { faults: true })]).shown).toEqual({
    readingsPerSecond: undefined,
    anomalies: { lastHour: 2, total: 2 },
    watermarkMs: 100_000,
    model: { devices: 5, warming: 2, bytes: 4_096 },
    accuracy: { precision: 0.75, recall: 0.75, byFault: { spike: { precision: 1, recall: 0.75 } } },
  })
})

test('the rate is what was processed between two looks', () => {
  expect(watch([look(1_000, 0), look(6_000, 0)]).shown.readingsPerSecond).toBe(500)
})

test('a detector that died before it told all never makes a rate negative', () => {
  expect(watch([look(1_000, 0), look(900, 0)]).shown.readingsPerSecond).toBe(0)
})

test('nothing but the rate changes while nothing happens, though the watermark moves with the clock', () => {
  const before = watch([look(1_000, 2), look(2_000, 2)]).shown
  const after = watch([look(1_000, 2), look(2_000, 2), look(2_000, 2, { watermark: 200 })]).shown
  expect(after).toEqual({ ...before, readingsPerSecond: 0 })
})

test('without ground truth there is no accuracy', () => {
  expect(watch([look(1, 0)]).shown.accuracy).toBeUndefined()
})

test('after a restart of the operator the total goes on from what the status told', () => {
  const shown = watch([look(1_000, 10), look(2_000, 13)], { lastHour: 40, total: 100 }).shown
  expect(shown.anomalies).toEqual({ lastHour: 43, total: 103 })
})

test('a status that lags behind the detectors does not hide what they have counted since', () => {
  expect(watch([look(1_000, 12)], { lastHour: 10, total: 10 }).shown.anomalies).toEqual({ lastHour: 12, total: 12 })
})

test('anomalies of more than an hour ago count in the total alone', () => {
  const looks = Array.from({ length: 121 }, (_, minute) => look(minute, minute))
  const { shown, anomaliesAt } = watch(looks, undefined, minuteMs)
  expect(shown.anomalies).toEqual({ lastHour: 60, total: 120 })
  expect(anomaliesAt.length).toBeLessThanOrEqual(62)
})
