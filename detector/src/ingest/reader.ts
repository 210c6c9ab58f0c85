import type { ReadingMapping } from '@tidewatch/api'
import type { RecordView } from '@tidewatch/kafka'
import { createParser } from './parser.ts'
import type { PassedOver, Reading } from './reading.ts'
import { maxRecordBytes, reject, type Rejection } from './rejection.ts'
import { createScanningReader } from './scanning-reader.ts'

/** The parts of a record that a reading is made of. */
export type RawRecord = Pick<RecordView, 'bytes' | 'keyStart' | 'keyEnd' | 'valueStart' | 'valueEnd' | 'timestampMs'>

/** Turns a record into a reading, or says why it cannot. Never throws. */
export type Reader = (record: RawRecord, nowMs: number) => Reading | PassedOver | Rejection

export interface ReaderOptions {
  /** How far ahead of the clock an event time may be. */
  maxClockSkewMs: number
  /** Whether a record without a device type is refused (it is, where models belong to types). */
  needsDeviceType: boolean
  /** False: every record is parsed, for comparison. Default: true. */
  scans?: boolean
}

/**
 * Compiles a mapping into a reader.
 *
 * Nearly every record is read where it lies, by a scanner made from the mapping. What that finds unusual, and all that is refused, is
 * parsed: whatever is said of a record, the parser says.
 *
 * @throws SyntaxError when a path of the mapping is not one.
 */
export function createReader(mapping: ReadingMapping, options: ReaderOptions): Reader {
  const parse = createParser(mapping, options)
  const scan = options.scans === false ? undefined : createScanningReader(mapping, options)
  return (record, nowMs) => {
    const { valueStart, valueEnd } = record
    if (valueStart === valueEnd) return reject('empty', 'the record has no value')
    const length = valueEnd - valueStart
    if (length > maxRecordBytes) return reject('tooLarge', `the value is ${length} bytes long, and at most ${maxRecordBytes} are read`)
    return scan?.(record, nowMs) ?? parse(record, nowMs)
  }
}
