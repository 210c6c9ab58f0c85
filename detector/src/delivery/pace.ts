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
