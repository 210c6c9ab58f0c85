/** Why a record cannot be read. A closed list: it labels metrics and the header `tidewatch-reason`. */
export const rejectionReasons = [
  /** The record has no value (a tombstone) or one of no bytes. */
  'empty',
  /** The value is longer than `maxRecordBytes`. */
  'tooLarge',
  /** The value is not JSON. A bare NaN or Infinity is this one: JSON has no such numbers. */
  'notJson',
  /** A field that the mapping names is absent, null or an empty text. */
  'missingField',
  /** A field is there and is of another type than the mapping needs. */
  'wrongType',
  /** A value is no number to compute with: the text "NaN" or "Infinity", 1e999, or beyond +-1e100. */
  'notFinite',
  /** The event time cannot be read in the format that the mapping names. */
  'badTimestamp',
  /** The event time lies before the year 2000: an unset clock, or seconds read as milliseconds. */
  'timestampOutOfRange',
  /** The event time lies further ahead of the record's own timestamp (or of now) than `maxClockSkew`. */
  'timestampTooFarAhead',
] as const

export type RejectionReason = (typeof rejectionReasons)[number]

/** A record that cannot be read: the reason, and one sentence that says where and what. */
export interface Rejection {
  kind: 'rejected'
  reason: RejectionReason
  error: string
}

/** A value longer than this is refused unread: a reading is a few hundred bytes, and parsing is on the hot path. */
export const maxRecordBytes = 256 * 1024

export function reject(reason: RejectionReason, error: string): Rejection {
  return { kind: 'rejected', reason, error }
}

/** Refuses a field that is absent or of the wrong type. */
export function wanted(path: string, found: unknown, what: string): Rejection {
  if (found === undefined) return reject('missingField', `${path} is absent; it should be ${what}`)
  if (found === null) return reject('missingField', `${path} is null; it should be ${what}`)
  if (found === '') return reject('missingField', `${path} is an empty text; it should be ${what}`)
  return reject('wrongType', `${path} is ${show(found)}; it should be ${what}`)
}

const maxShown = 60

/** A value as it appears in a sentence: short, on one line. */
export function show(value: unknown): string {
  let text: string
  try {
    text = JSON.stringify(value) ?? String(value)
  } catch {
    text = String(value)
  }
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text
}
