/** One record of a simulation or of a recording, ready to be sent. */
export interface SimulatedRecord {
  /** When it is sent, on the axis of event time (ms since the epoch); never falls from one record to the next. */
  dueMs: number
  /** When the reading was taken, as the payload says (ms since the epoch); a skewed clock moves it, a delay does not. */
  eventTimeMs: number
  /** The device's id. */
  key: string
  /** JSON. */
  value: string
  /** The fault under which it is sent; with several, the first in the manifest's order. */
  fault: string | undefined
  /** Undefined: by the key's hash. */
  partition: number | undefined
  /** The record's CreateTime; undefined: the moment of sending. Set where the payload tells no event time. */
  createTimeMs: number | undefined
}
