import { defineError, messageOf, type AppError } from '@tidewatch/kit'
import type { OutputRecord } from './ports.ts'

/** An address that is not `host:port`. */
export const AddressInvalid = defineError('KAFKA_ADDRESS_INVALID', { retry: 'never' })
/** No broker answered at any of the addresses. */
export const KafkaUnreachable = defineError('KAFKA_UNREACHABLE', { retry: 'backoff' })
/** The brokers answered, and would not let us in. */
export const AccessDenied = defineError('KAFKA_ACCESS_DENIED', { retry: 'never' })
/** A topic that must be there is not. */
export const TopicMissing = defineError('TOPIC_MISSING', { retry: 'never' })
/** A change that Kafka cannot make, such as fewer partitions. */
export const TopicConflict = defineError('TOPIC_CONFLICT', { retry: 'never' })
/** The consumer ended in a way from which it does not start again by itself. */
export const SourceCrashed = defineError('SOURCE_CRASHED', { retry: 'never' })
/** The group is rebalancing or the partition is no longer ours: nothing was committed. */
export const RebalanceInProgress = defineError('REBALANCE_IN_PROGRESS', { retry: 'never' })
/** A commit failed for a reason other than a rebalance. */
export const CommitFailed = defineError('COMMIT_FAILED', { retry: 'backoff' })
/** One record alone is larger than its topic takes. */
export class RecordTooLarge extends defineError('RECORD_TOO_LARGE', { retry: 'never' }) {
  /** The record as it was given, where that is known. */
  readonly record: OutputRecord | undefined

  constructor(message: string, options: ErrorOptions & { record?: OutputRecord } = {}) {
    super(message, options)
    this.record = options.record
  }
}
/** Records were too large together for a topic that takes each of them; the next attempt sends fewer at once. */
export const RequestTooLarge = defineError('REQUEST_TOO_LARGE', { retry: 'backoff' })
/** A transaction was open for longer than the broker allows, which has ended it; nothing of it is in. */
export const TransactionTimedOut = defineError('TRANSACTION_TIMED_OUT', { retry: 'backoff' })
/** A newer holder of the same transactional id is at work: this one must stop. */
export const Fenced = defineError('FENCED', { retry: 'never' })
/** Kafka refused a request or did not answer it; trying again may help. */
export const KafkaFailed = defineError('KAFKA_FAILED', { retry: 'backoff' })
/** Kafka understood a request and will never grant it as it stands. */
export const RequestInvalid = defineError('KAFKA_REQUEST_INVALID', { retry: 'never' })
/** What we are asked to do was closed before. */
export const Closed = defineError('CLOSED', { retry: 'never' })

interface Thrown {
  name?: string
  type?: string
  code?: unknown
  message?: string
}

/** Every error under an error, itself first, the innermost last: kafkajs wraps what the broker said once or twice. */
export function causesOf(thrown: unknown): Thrown[] {
  const found = new Set<object>()
  const collect = (one: unknown) => {
    if (typeof one !== 'object' || one === null || found.has(one)) return
    found.add(one)
    const { cause, errors, groups } = one as { cause?: unknown; errors?: unknown[]; groups?: { error?: unknown }[] }
    collect(cause)
    errors?.forEach(collect)
    groups?.forEach(({ error }) => collect(error))
  }
  collect(thrown)
  return [...found]
}

/** The innermost words: those of the broker or of the operating system. */
export function reasonOf(thrown: unknown): string {
  const reason = causesOf(thrown).findLast(({ message }) => message !== undefined && message !== '')?.message
  return reason ?? messageOf(thrown)
}

/** The broker's name for what went wrong, such as `REBALANCE_IN_PROGRESS`, wherever it stands among the causes. */
export function protocolErrorOf(thrown: unknown): string | undefined {
  for (const { type } of causesOf(thrown)) if (typeof type === 'string') return type
  return undefined
}

/** True where the broker's answer was one of these. */
export function isProtocolError(thrown: unknown, types: readonly string[]): boolean {
  const type = protocolErrorOf(thrown)
  return type !== undefined && types.includes(type)
}

/** The answers to a member that is not, or no longer, part of the group as the coordinator knows it. */
export const rebalanceErrors = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'FENCED_INSTANCE_ID',
]

/** The answers to a producer in whose place another one has come (or that took too long over a transaction). */
const fencedErrors = [
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTION_COORDINATOR_FENCED',
]

const deniedErrors = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
]

/** PRODUCER_FENCED, for which kafkajs has no name. */
const producerFencedCode = 90

/** True where a newer producer with the same transactional id has taken over. */
export function isFenced(thrown: unknown): boolean {
  return isProtocolError(thrown, fencedErrors) || causesOf(thrown).some(({ code }) => code === producerFencedCode)
}

const invalidErrors = [
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'POLICY_VIOLATION',
  'TOPIC_DELETION_DISABLED',
  'INVALID_TRANSACTION_TIMEOUT',
  'OFFSET_METADATA_TOO_LARGE',
]

/** True where the brokers know us too little, or the way in is wrong. */
export function isAccessDenied(thrown: unknown): boolean {
  if (isProtocolError(thrown, deniedErrors)) return true
  for (const { name } of causesOf(thrown)) if (name === 'KafkaJSSASLAuthenticationError') return true
  return false
}

/** What kafkajs threw, as an error of ours; `what` begins the sentence: "Could not ...". */
export function toAppError(thrown: unknown, what: string): AppError {
  const isInvalid = isProtocolError(thrown, invalidErrors)
  const kind = isAccessDenied(thrown) ? AccessDenied : isInvalid ? RequestInvalid : KafkaFailed
  return new kind(`${what}: ${reasonOf(thrown)}`, { cause: thrown })
}

/** Errors that stay however often one begins anew. */
export function isHopeless(thrown: unknown): boolean {
  return isAccessDenied(thrown) || isProtocolError(thrown, ['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])
}
