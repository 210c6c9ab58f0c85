import { countOutputs, type Effects } from '../effects.ts'

/** How soon one transaction may follow another where nobody waits for what is in it. */
const minPauseMs = 100

/** Then a transaction may take one part in so many of the time: it costs brokers the same whether it holds one record or a thousand. */
const pauseFactor = 10

/** Where verdicts wait: the coordinator needs some milliseconds after a transaction before it takes the next one of the same producer. */
const minWaitedForPauseMs = 5

/** Where verdicts wait, so many transactions of one process are under way on average, however many partitions it has. */
const mostUnderWay = 2

/** How much of what is known of earlier transactions goes into the next pause after a slow one: it makes verdicts late once, not twice. */
const memory = 0.75

export interface Pace {
  /** How long the partition's transactions take, by `smoothTookMs`. */
  tookMs: number
  commitIntervalMs: number
  /** Verdicts wait to be seen, and the partition is at the end of its log: whatever is behind is late anyway, and needs few large ones. */
  isWaitedFor: boolean
  /** Partitions of this process that have verdicts to show at present. */
  busyPartitions: number
}

/**
 * How long to wait after a transaction before the next one begins: where they are quick, verdicts are seen at once; where they are slow,
 * they get larger instead of more. Never longer than the commit interval.
 */
export function computePauseMs({ tookMs, commitIntervalMs, isWaitedFor, busyPartitions }: Pace): number {
  const pauseMs = isWaitedFor ? Math.max(minWaitedForPauseMs, tookMs * (busyPartitions / mostUnderWay - 1)) : Math.max(minPauseMs, tookMs * pauseFactor)
  return Math.min(commitIntervalMs, pauseMs)
}

/**
 * What transactions take, after one more. The first one counts as it is, and so does one that is quicker than those before: a detector that
 * begins, or was behind, has slow ones first, and would wait for long after they are over.
 */
export function smoothTookMs(before: number | undefined, tookMs: number): number {
  return before === undefined ? tookMs : Math.min(tookMs, memory * before + (1 - memory) * tookMs)
}

/** The pause before a failed transaction is tried again, after so many failures in a row. */
export function computeRetryPauseMs(failures: number): number {
  return Math.min(5_000, 100 * 2 ** failures)
}

/** What may wait for one transaction. A batch of the source may bring some more. */
export interface TransactionLimit {
  records: number
  bytes: number
}

export const largestTransaction: TransactionLimit = { records: 5_000, bytes: 8 * 1024 * 1024 }
const smallestTransaction: TransactionLimit = { records: 100, bytes: 64 * 1024 }

/** Whether as much has come out as one transaction may hold, or more. Verdicts are of one size; what came from outside is as large as its sender has made it. */
export function fillsLimit(effects: Effects, limit: TransactionLimit): boolean {
  if (countOutputs(effects) >= limit.records) return true
  let bytes = 0
  for (const { record } of effects.deadLetters) bytes += record.value?.length ?? 0
  for (const record of effects.late) bytes += record.value?.length ?? 0
  return bytes >= limit.bytes
}

/** A transaction that takes longer than this is too large for what the brokers are able to do: they end it after a minute. */
const slowMs = 5_000
/** One that takes less may be larger the next time. */
const quickMs = 1_000

/** How much the next transaction may hold, after one that took so long; Infinity for one that the broker has ended. */
export function computeLimit(limit: TransactionLimit, tookMs: number): TransactionLimit {
  const factor = tookMs === Infinity ? 0.25 : tookMs > slowMs ? 0.5 : tookMs < quickMs ? 2 : 1
  const within = (part: keyof TransactionLimit) => Math.min(largestTransaction[part], Math.max(smallestTransaction[part], Math.floor(limit[part] * factor)))
  return { records: within('records'), bytes: within('bytes') }
}
