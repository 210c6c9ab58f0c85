import type { OutputRecord } from '@tidewatch/kafka'
import type { Output } from './outputs.ts'

/** A limit that was met is believed for so long: whoever raises it need not restart anything. */
const believedForMs = 300_000

/** The records of outputs, as large as their topics take them. */
export interface FittedOutputs {
  records: OutputRecord[]
  /** Outputs of which there is no form that is small enough. */
  leftOut: Output[]
  /** Outputs that are there in a smaller form than they should be. */
  shortened: number
}

/**
 * What topics have refused as too large. Whoever may write to a topic may mostly not read its configuration, so its limit is learned: by
 * the smallest record that it has refused.
 */
export class SizeLimits {
  readonly #limits = new Map<string, { bytes: number; untilMs: number }>()

  /** Notes that a topic has refused this record because of its size alone. */
  learn(record: OutputRecord, nowMs: number): void {
    this.#limits.set(record.topic, { bytes: Math.min(bytesOf(record), this.#limitOf(record.topic, nowMs)), untilMs: nowMs + believedForMs })
  }

  /** Of each output the first form that is not known to be too large. */
  fit(outputs: readonly Output[], nowMs: number): FittedOutputs {
    const fitted: FittedOutputs = { records: [], leftOut: [], shortened: 0 }
    for (const output of outputs) {
      const { record, smaller } = output
      if (this.#limits.size === 0 || this.#fits(record, nowMs)) {
        fitted.records.push(record)
        continue
      }
      const form = smaller().find((one) => this.#fits(one, nowMs))
      if (form === undefined) fitted.leftOut.push(output)
      else {
        fitted.records.push(form)
        fitted.shortened++
      }
    }
    return fitted
  }

  #fits(record: OutputRecord, nowMs: number): boolean {
    const limit = this.#limits.get(record.topic)
    return limit === undefined || limit.untilMs <= nowMs || bytesOf(record) < limit.bytes
  }

  #limitOf(topic: string, nowMs: number): number {
    const limit = this.#limits.get(topic)
    return limit === undefined || limit.untilMs <= nowMs ? Infinity : limit.bytes
  }
}

/** Bytes of a record, less its frame: what two records are compared by. */
export function bytesOf({ key, value, headers = {} }: OutputRecord): number {
  let bytes = (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : Buffer.byteLength(value))
  for (const [name, content] of Object.entries(headers)) bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(content)
  return bytes
}
