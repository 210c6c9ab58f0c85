import type { MetricSample } from '@tidewatch/kit'

/** What a simulator says of its run when it ends; the content of TIDEWATCH_REPORT_FILE. */
export interface SendReport {
  sent: number
  sendErrors: number
  /** Records sent under each kind of fault. */
  injected: Record<string, number>
}

/** Whatever sends a fleet's readings: a simulator process, or a replay in this process. */
export interface Sender {
  readonly fleet: string
  readonly topic: string
  /** Resolves when everything is sent or `stop` was called; rejects when it failed. */
  readonly done: Promise<SendReport>
  /** Records sent so far. */
  sentSoFar(): number
  scrape(): Promise<void>
  stop(): Promise<void>
}

export const recordsSent = 'tidewatch_simulator_records_sent_total'

export function readRecordsSent(samples: readonly MetricSample[]): number {
  return samples.filter(({ name }) => name === recordsSent).reduce((total, { value }) => total + value, 0)
}
