import type { ReadingMapping } from '@tidewatch/api'
import { ByteInterner, longestInterned } from './byte-interner.ts'
import { createTimeReader, parseIso8601Bytes } from './event-time.ts'
import { FieldScanner, found } from './field-scanner.ts'
import { planFields, type FieldTree } from './field-tree.ts'
import { oldestMs, unnamedDevice } from './parser.ts'
import type { RawRecord, ReaderOptions } from './reader.ts'
import type { PassedOver, Reading } from './reading.ts'
import { createValuesScanner } from './scanned-values.ts'

/** Reads a record where it lies; undefined for one that the parser has to look at. */
export type ScanningReader = (record: RawRecord, nowMs: number) => Reading | PassedOver | undefined

/**
 * Compiles a mapping into a reader that finds the fields in the record's bytes.
 *
 * What it returns is what the parser would have returned, to the bit. In the steady state it allocates nothing: names of devices and
 * metrics are found by their bytes, and reading and values are the same objects again and again.
 *
 * @returns undefined for a mapping that is not read this way: `allNumbers`, elements of lists, names beyond ASCII.
 */
export function createScanningReader(mapping: ReadingMapping, options: ReaderOptions): ScanningReader | undefined {
  const { metric, values = [], categories } = mapping
  const paths = [mapping.device, mapping.deviceType, mapping.eventTime?.path, metric?.name, metric?.value, ...values.map(({ path }) => path), ...categories.map(({ path }) => path)]
  const tree = mapping.allNumbers === undefined ? planFields(paths.filter((path) => path !== undefined)) : undefined
  if (tree === undefined) return undefined
  const scanner = new FieldScanner(tree)
  const reading: Reading = { kind: 'reading', device: '', deviceNumber: -1, deviceType: undefined, eventTimeMs: 0, names: [], values: [] }
  const passedOver: PassedOver = { kind: 'passedOver', eventTimeMs: 0 }
  const readDevice = createDeviceScanner(mapping, tree, scanner)
  const readType = createTypeScanner(mapping, tree, scanner, options.needsDeviceType)
  const readTime = createTimeScanner(mapping, tree, scanner)
  const readValues = createValuesScanner(mapping, tree, scanner)
  const { maxClockSkewMs } = options

  return (record, nowMs) => {
    if (!scanner.scan(record.bytes, record.valueStart, record.valueEnd)) return undefined
    if (!readDevice(record, reading) || !readType(record, reading)) return undefined
    const eventTimeMs = readTime(record)
    // Also for one that is no number.
    if (!(eventTimeMs >= oldestMs && eventTimeMs <= Math.min(record.timestampMs, nowMs) + maxClockSkewMs)) return undefined
    const outcome = readValues(record, reading)
    if (outcome === 'unusual') return undefined
    const read = outcome === 'read' ? reading : passedOver
    read.eventTimeMs = eventTimeMs
    return read
  }
}

/** Fills in a part of the reading. @returns false where the parser has to look at it. */
type PartScanner = (record: RawRecord, reading: Reading) => boolean

function createDeviceScanner({ device }: ReadingMapping, tree: FieldTree, { kinds, starts, ends }: FieldScanner): PartScanner {
  const devices = new ByteInterner((name) => name)
  const intern = (bytes: Buffer, start: number, end: number, reading: Reading): boolean => {
    if (start === end || end - start > longestInterned) return false
    reading.deviceNumber = devices.numberOf(bytes, start, end)
    reading.device = devices.valueOf(reading.deviceNumber)
    return true
  }
  if (device === undefined) {
    return ({ bytes, keyStart, keyEnd }, reading) => {
      if (keyStart !== keyEnd) return intern(bytes, keyStart, keyEnd, reading)
      reading.device = unnamedDevice
      reading.deviceNumber = -1
      return true
    }
  }
  const field = tree.fieldOf(device)
  return ({ bytes }, reading) => kinds[field] === found.text && intern(bytes, starts[field]!, ends[field]!, reading)
}

function createTypeScanner({ deviceType }: ReadingMapping, tree: FieldTree, { kinds, starts, ends }: FieldScanner, isNeeded: boolean): PartScanner {
  if (deviceType === undefined) return () => true
  const field = tree.fieldOf(deviceType)
  const types = new ByteInterner((name) => name)
  return ({ bytes }, reading) => {
    const start = starts[field]!
    const end = ends[field]!
    if (kinds[field] !== found.text || start === end) {
      reading.deviceType = undefined
      return !isNeeded
    }
    if (end - start > longestInterned) return false
    reading.deviceType = types.valueOf(types.numberOf(bytes, start, end))
    return true
  }
}

/** @returns what reads the event time; NaN where the parser has to look at it. */
function createTimeScanner({ eventTime }: ReadingMapping, tree: FieldTree, { kinds, starts, ends, numbers }: FieldScanner): (record: RawRecord) => number {
  if (eventTime === undefined) return ({ timestampMs }) => timestampMs
  const field = tree.fieldOf(eventTime.path)
  if (eventTime.format === 'Iso8601') return ({ bytes }) => (kinds[field] === found.text ? parseIso8601Bytes(bytes, starts[field]!, ends[field]!) : NaN)
  const parse = createTimeReader(eventTime.format)
  return ({ bytes }) => {
    if (kinds[field] === found.number) return parse(numbers[field]) ?? NaN
    return kinds[field] === found.text ? (parse(bytes.toString('utf8', starts[field], ends[field])) ?? NaN) : NaN
  }
}
