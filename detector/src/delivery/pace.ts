/** How soon one transaction may follow another at the earliest. */
const minPauseMs = 100

/** A transaction may take one part in so many of the time: it costs brokers the same whether it holds one record or a thousand. */
const pauseFactor = 10

/**
 * How long to wait after a transaction before the next one begins: where they are quick, verdicts are seen at once; where they are slow,
 * they get larger instead of more. Never longer than the commit interval.
 */
export function computePauseMs(lastTookMs: number, commitIntervalMs: number): number {
  return Math.min(commitIntervalMs, Math.max(minPauseMs, lastTookMs * pauseFactor))
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
