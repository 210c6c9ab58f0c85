import type { MetricSample } from '@tidewatch/kit'
import { Totals } from './totals.ts'

/** Suffixes of what only ever grows; all else is a gauge, and a gauge of a process that is gone means nothing. */
const cumulative = /_(total|bucket|sum|count)$/
/** Gauges that keep a record, which outlives its process. */
const records = /_max_seconds$/

/** Remembers the last metrics of every process, so that a count survives the process that counted. */
export class MetricLedger {
  readonly #running = new Map<number, readonly MetricSample[]>()
  readonly #gone: MetricSample[] = []

  record(id: number, samples: readonly MetricSample[]): void {
    this.#running.set(id, samples)
  }

  /** The process has ended. */
  retire(id: number): void {
    const last = this.#running.get(id) ?? []
    this.#running.delete(id)
    this.#gone.push(...last.filter(({ name }) => cumulative.test(name) || records.test(name)))
  }

  totals(): Totals {
    return new Totals([...this.#gone, ...[...this.#running.values()].flat()])
  }
}
