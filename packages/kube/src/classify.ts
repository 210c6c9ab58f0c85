import { AppError, messageOf, type ErrorKind } from '@tidewatch/kit'
import { AlreadyExists, FieldConflict, Forbidden, KubeUnreachable, NotFound, ObjectInvalid, ResourceExpired, ServerBusy, Unauthorized, WriteConflict } from './errors.ts'

/** What the API server sends with an error; every field may be missing, for instance where a proxy answers in its place. */
export interface Status {
  kind?: string
  code?: number
  reason?: string
  message?: string
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] }
}

export interface ErrorResponse {
  /** What was tried: `apply Deployment plant/hvac`. */
  attempt: string
  statusCode: number
  body: string
  /** Seconds, as the header says. */
  retryAfter?: string | undefined
}

/** The error of any answer that is not a success. Total: nothing else in this package looks at a status code. */
export function classifyResponse({ attempt, statusCode, body, retryAfter }: ErrorResponse): AppError {
  const status = parseStatus(body)
  const message = `Failed to ${attempt}: ${describe(status, statusCode, body)}`
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds ?? NaN)
  const afterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
  if (statusCode === 429 || (statusCode === 503 && afterMs !== undefined)) return new ServerBusy(message, { afterMs })
  return new (kindOf(statusCode, status))(message)
}

/** The error inside a watch's ERROR event. */
export function classifyStatus(attempt: string, status: Status): AppError {
  return classifyResponse({ attempt, statusCode: status.code ?? 500, body: JSON.stringify(status) })
}

/** The error of anything that was thrown on the way: a socket that broke, a time limit, an answer that is no JSON. */
export function classify(attempt: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new KubeUnreachable(`Failed to ${attempt}: ${messageOf(thrown)}`, { cause: thrown })
}

/**
 * True where one object is missing, false where the kind or the whole group is: then the answer names no object.
 */
export function isObjectMissing(statusCode: number, body: string): boolean {
  return statusCode === 404 && parseStatus(body).details?.name !== undefined
}

function kindOf(statusCode: number, status: Status): ErrorKind {
  switch (statusCode) {
    case 401:
      return Unauthorized
    case 403:
      return Forbidden
    case 404:
      return NotFound
    case 409:
      if (status.reason === 'AlreadyExists') return AlreadyExists
      return status.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict') ? FieldConflict : WriteConflict
    case 410:
      return ResourceExpired
    case 422:
      // An apply with the uid of an object that was made anew: the server calls it invalid, but it is the race that it is.
      return status.details?.causes?.some(({ field }) => field === 'metadata.uid') ? WriteConflict : ObjectInvalid
    default:
      // 408 is a time limit of a proxy. Other 4xx say that what we sent can never do: 400, 405, 413, 415, 422.
      return statusCode >= 400 && statusCode < 500 && statusCode !== 408 ? ObjectInvalid : KubeUnreachable
  }
}

/** The server's own sentence first: it is the one that people find when they search. */
function describe(status: Status, statusCode: number, body: string): string {
  const sentence = status.message ?? (body.trim().slice(0, 500) || `HTTP status ${statusCode}`)
  const causes = (status.details?.causes ?? [])
    .map(({ field, message }) => [field, message].filter((part) => part !== undefined && part !== '').join(': '))
    .filter((cause) => cause !== '' && !sentence.includes(cause.slice(cause.indexOf(': ') + 1).trim()))
  return causes.length === 0 ? sentence : `${sentence} (${causes.join('; ')})`
}

function parseStatus(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? (parsed) : {}
  } catch {
    // A proxy's HTML or a plain "404 page not found": the text itself becomes the message.
    return {}
  }
}
