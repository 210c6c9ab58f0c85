import { headerValues, parseAnomaly, type Anomaly } from './anomaly.ts'
import { RecentSet } from './recent-set.ts'
import type { KafkaRecord } from '@tidewatch/kafka'

/** Repeats come within one commit of each other; this is many commits. */
const remembered = 200_000

/** Headers in which a dead letter carries where it came from and why. */
export const deadLetterHeaders = {
  reason: 'tidewatch-reason',
  partition: 'tidewatch-source-partition',
  offset: 'tidewatch-source-offset',
} as const

/**
 * What the output topics of a run hold, each thing once: a detector that was killed repeats what it had written
 * but not yet committed.
 */
export class Findings {
  /** The newest ones, oldest first. */
  readonly latest: Anomaly[] = []
  readonly #keep: number
  readonly #anomalyIds = new RecentSet(remembered)
  readonly #deadLetterIds = new RecentSet(remembered)
  readonly #anomaliesByPipeline = new Map<string, number>()
  readonly #deadLettersByPipeline = new Map<string, Record<string, number>>()
  readonly #listeners: ((anomaly: Anomaly) => void)[] = []

  constructor(keep = 1_000) {
    this.#keep = keep
  }

  onAnomaly(listener: (anomaly: Anomaly) => void): void {
    this.#listeners.push(listener)
  }

  takeAnomaly(pipeline: string, record: KafkaRecord, faultHeader: string): void {
    const anomaly = parseAnomaly(pipeline, record, faultHeader)
    if (anomaly === undefined || !this.#anomalyIds.add(`${pipeline} ${anomaly.id}`)) return
    this.#anomaliesByPipeline.set(pipeline, this.anomalies(pipeline) + 1)
    this.latest.push(anomaly)
    if (this.latest.length > this.#keep) this.latest.shift()
    for (const listener of this.#listeners) listener(anomaly)
  }

  takeDeadLetter(pipeline: string, { headers, partition, offset }: KafkaRecord): void {
    const header = (name: string, otherwise: string) => headerValues(headers?.[name])[0] ?? otherwise
    const origin = `${header(deadLetterHeaders.partition, `own-${partition}`)}/${header(deadLetterHeaders.offset, String(offset))}`
    if (!this.#deadLetterIds.add(`${pipeline} ${origin}`)) return
    const reasons = this.#deadLettersByPipeline.get(pipeline) ?? {}
    const reason = header(deadLetterHeaders.reason, 'unknown')
    reasons[reason] = (reasons[reason] ?? 0) + 1
    this.#deadLettersByPipeline.set(pipeline, reasons)
  }

  anomalies(pipeline: string): number {
    return this.#anomaliesByPipeline.get(pipeline) ?? 0
  }

  deadLetters(pipeline: string): Record<string, number> {
    return this.#deadLettersByPipeline.get(pipeline) ?? {}
  }
}
