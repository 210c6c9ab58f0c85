/**
 * What a record says: values of one device at one moment of event time.
 *
 * The reader hands out the same object again and again: it is good until the next record is read.
 */
export interface Reading {
  kind: 'reading'
  device: string
  /** A small whole number that goes with the device's name, to find things by: the same for the same name until all are given anew. -1: none. */
  deviceNumber: number
  /** Read only where the mapping has a path for it. */
  deviceType: string | undefined
  /** Milliseconds since the epoch; fractions where the record gives microseconds. */
  eventTimeMs: number
  /** The metrics' names, as many as values. The same array again where nothing changed. */
  names: readonly string[]
  /** Finite, within +-1e100. */
  values: readonly number[]
}

/** A reading of a metric that the mapping does not ask for: counted, and its time still moves the watermark. */
export interface PassedOver {
  kind: 'passedOver'
  eventTimeMs: number
}
