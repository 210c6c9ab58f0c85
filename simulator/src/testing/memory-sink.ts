import type { OutputRecord, RecordSink } from '@tidewatch/kafka'

/** A sink that keeps what it is sent; it can be made slow, or to fail. */
export class MemorySink implements RecordSink {
  readonly batches: OutputRecord[][] = []
  isClosed = false
  /** What the next calls do before they answer; the last one is for all that follow. */
  answers: (() => Promise<void>)[] = []
  /** Calls that have not been answered. */
  inFlight = 0

  async send(records: readonly OutputRecord[]): Promise<void> {
    this.inFlight++
    try {
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0]
      await answer?.()
      this.batches.push([...records])
    } finally {
      this.inFlight--
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  get records(): OutputRecord[] {
    return this.batches.flat()
  }
}
