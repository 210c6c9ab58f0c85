import type { ReadingMapping } from '@tidewatch/api'
import { createTimeReader, type TimeReader } from './event-time.ts'
import { compilePath, type PathReader } from './json-path.ts'
import type { PassedOver, Reading } from './reading.ts'
import type { RawRecord, Reader, ReaderOptions } from './reader.ts'
import { reject, show, wanted, type Rejection } from './rejection.ts'
import { createValuesReader } from './values.ts'

/** The device of records that name none and have no key. */
export const unnamedDevice = 'all'

/** 2000-01-01: nothing that a device measured is older; an event time before it is an unset clock or a wrong unit. */
export const oldestMs = Date.UTC(2000, 0, 1)

/**
 * Compiles a mapping into a reader that parses all of a record. It is the authority: what it says of a record holds.
 *
 * An event time is too far ahead when it is later than `min(record's timestamp, now) + maxClockSkew`. The
 * record's own timestamp is in it so that the decision is the same whenever the record is read: measured
 * against now alone, a reading refused today would be taken when the same log is processed again tomorrow.
 * Now is in it because a device whose clock runs ahead often stamps the record with that same clock.
 *
 * @throws SyntaxError when a path of the mapping is not one.
 */
export function createParser(mapping: ReadingMapping, options: ReaderOptions): Reader {
  const { maxClockSkewMs, needsDeviceType } = options
  const readDevice = createDeviceReader(mapping)
  const readType = mapping.deviceType === undefined ? undefined : compilePath(mapping.deviceType)
  const readTime = createEventTimeReader(mapping)
  const readValues = createValuesReader(mapping)
  const passedOver: PassedOver = { kind: 'passedOver', eventTimeMs: 0 }
  const reading: Reading = { kind: 'reading', device: '', deviceNumber: -1, deviceType: undefined, eventTimeMs: 0, names: [], values: [] }

  return (record, nowMs) => {
    let document: unknown
    try {
      document = JSON.parse(record.bytes.toString('utf8', record.valueStart, record.valueEnd))
    } catch (error) {
      return reject('notJson', `the value is not JSON: ${(error as Error).message}`)
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      return reject('wrongType', `the value is ${show(document)}, not a JSON object`)
    }

    const device = readDevice(document, record)
    if (typeof device !== 'string') return device
    reading.device = device

    if (readType !== undefined) {
      const type = readType(document)
      if (typeof type === 'string' && type !== '') reading.deviceType = type
      else if (needsDeviceType) return wanted(mapping.deviceType ?? '', type, 'a text that names the type of the device')
      else reading.deviceType = undefined
    }

    const eventTimeMs = readTime === undefined ? record.timestampMs : readTime(document)
    if (typeof eventTimeMs !== 'number') return eventTimeMs
    if (eventTimeMs < oldestMs) {
      return reject('timestampOutOfRange', `the event time ${showTime(eventTimeMs)} lies before the year 2000: the clock was not set, or the unit is another one`)
    }
    const referenceMs = Math.min(record.timestampMs, nowMs)
    if (eventTimeMs > referenceMs + maxClockSkewMs) {
      return reject(
        'timestampTooFarAhead',
        `the event time ${showTime(eventTimeMs)} is ${Math.round((eventTimeMs - referenceMs) / 1_000)} s ahead of ${showTime(referenceMs)}, and maxClockSkew is ${maxClockSkewMs / 1_000} s`,
      )
    }

    const problem = readValues(document as Record<string, unknown>, reading)
    if (problem === 'passedOver') {
      passedOver.eventTimeMs = eventTimeMs
      return passedOver
    }
    if (problem !== undefined) return problem
    reading.eventTimeMs = eventTimeMs
    return reading
  }
}

function createDeviceReader(mapping: ReadingMapping): (document: unknown, record: RawRecord) => string | Rejection {
  if (mapping.device === undefined) return (_, { bytes, keyStart, keyEnd }) => (keyStart === keyEnd ? unnamedDevice : bytes.toString('utf8', keyStart, keyEnd))
  const path = mapping.device
  const read: PathReader = compilePath(path)
  return (document) => {
    const device = read(document)
    if (typeof device === 'string' && device !== '') return device
    if (typeof device === 'number' && Number.isFinite(device)) return String(device)
    return wanted(path, device, 'a text or a number that names the device')
  }
}

function createEventTimeReader(mapping: ReadingMapping): ((document: unknown) => number | Rejection) | undefined {
  if (mapping.eventTime === undefined) return undefined
  const { path, format } = mapping.eventTime
  const read = compilePath(path)
  const parse: TimeReader = createTimeReader(format)
  return (document) => {
    const value = read(document)
    const ms = parse(value)
    if (ms !== undefined) return ms
    if (value === undefined || value === null) return reject('missingField', `${path} is ${value === null ? 'null' : 'absent'}; it should be the event time`)
    return reject('badTimestamp', `${path} is ${show(value)}, which is no time in the format ${format}`)
  }
}

function showTime(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`
}
