import type { AvailableModel, DetectorConfig } from '@tidewatch/api'
import { createFactories } from '@tidewatch/detector'
import { TopologyDriver, type TopologyDriverOptions } from '@tidewatch/detector/testing'
import { hashString } from '@tidewatch/kit'
import { resolveModel } from '../models.ts'
import { normalReadings, type NormalKind } from './normal-readings.ts'

type ThresholdFactory = NonNullable<TopologyDriverOptions['thresholds']>

/** As the windows of the samples are: system D has them side by side, system C overlapping. */
export const windowForms = {
  tumbling: { kind: 'tumbling', sizeMs: 60_000 },
  sliding: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 },
} as const satisfies Record<string, DetectorConfig['window']>

export interface NormalRun {
  model: AvailableModel
  kind: NormalKind
  form: keyof typeof windowForms
  seed: number
  /** Asked for: `falseAlarmRate` of a manifest. */
  rate: number
  /** All in one partition, so with one threshold. */
  devices: number
  /** Closed by each device. */
  windows: number
}

/** What came of it. */
export interface AlarmCounts {
  /** Judged, after the first thousand. */
  judged: number
  /** Of these, above the threshold. */
  flagged: number
  /** Of the first thousand, above 1: until then the threshold knows too little. */
  flaggedAtFirst: number
}

/** Windows that the mode `falseAlarmRate` leaves to the model's own boundary. */
export const first = 1_000

const readingEveryMs = 10_000
const startMs = Date.UTC(2026, 0, 15)

/** Sends readings without any fault through the detector's whole path but Kafka, and counts what is above the threshold. */
export function runNormal({ model, kind, form, seed, rate, devices, windows }: NormalRun): AlarmCounts {
  const window = windowForms[form]
  const config: DetectorConfig = { ...resolveModel(model), window, seed, threshold: { falseAlarmRate: rate } }
  const { models, thresholds } = createFactories(config)
  const counts: AlarmCounts = { judged: 0, flagged: 0, flaggedAtFirst: 0 }
  const driver = new TopologyDriver({ config, nowMs: startMs, models, thresholds: counting(thresholds, counts) })
  const fleet = Array.from({ length: devices }, (_, i) => ({ id: `device-${i}`, next: normalReadings(kind, { seed: hashString(`${kind}/${seed}/${i}`), everyMs: readingEveryMs }) }))
  const readings = windows * (form === 'tumbling' ? window.sizeMs / readingEveryMs : 1)
  for (let i = 0; i < readings; i++) {
    driver.nowMs = startMs + i * readingEveryMs
    const timestamp = new Date(driver.nowMs).toISOString()
    for (const { id, next } of fleet) driver.send({ key: id, value: { sensor_id: id, timestamp, metric: 'temperature', value: next() } })
  }
  return counts
}

function counting(thresholds: ThresholdFactory, counts: AlarmCounts): ThresholdFactory {
  let seen = 0
  return {
    ...thresholds,
    create: () => {
      const threshold = thresholds.create()
      return {
        limit: () => threshold.limit(),
        observe: (score) => {
          const isAbove = score > threshold.limit()!
          if (seen++ < first) counts.flaggedAtFirst += isAbove ? 1 : 0
          else {
            counts.judged++
            counts.flagged += isAbove ? 1 : 0
          }
          threshold.observe(score)
        },
        snapshot: () => threshold.snapshot(),
      }
    },
  }
}
