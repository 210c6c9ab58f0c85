import { Totals, type MetricSample } from './totals.ts'

/** Suffixes of what only ever grows; all else is a gauge, and a gauge of a process that is gone means nothing. */
const cumulative = /_(total|bucket|sum|count)$/
/** Gauges that keep a record, which outlives its process. */
const records = /_max_seconds$/

/** Remembers the last metrics of every process, so that a count survives the process that counted. */
export class MetricLedger<Id = number> {
  readonly #running = new Map<Id, readonly MetricSample[]>()
  /** Added up by name and labels: however many processes come and go, these stay as few. */
  readonly #gone = new Map<string, MetricSample>()

  record(id: Id, samples: readonly MetricSample[]): void {
    this.#running.set(id, samples)
  }

  /** The process has ended. */
  retire(id: Id): void {
    const last = this.#running.get(id) ?? []
    this.#running.delete(id)
    for (const sample of last) {
      const isRecord = records.test(sample.name)
      if (!isRecord && !cumulative.test(sample.name)) continue
      const key = JSON.stringify([sample.name, sample.labels])
      const before = this.#gone.get(key)
      const value = before === undefined ? sample.value : isRecord ? Math.max(before.value, sample.value) : before.value + sample.value
      this.#gone.set(key, { ...sample, value })
    }
  }

  /** The processes that have not been retired. */
  ids(): Id[] {
    return [...this.#running.keys()]
  }

  totals(): Totals {
    return new Totals([...this.#gone.values(), ...[...this.#running.values()].flat()])
  }
}
