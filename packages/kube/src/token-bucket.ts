/** Lets `burst` through at once and then one each `refillMs`. */
export interface TokenBucket {
  tokens: number
  /** When `tokens` was right. */
  atMs: number
}

/** The bucket after one more, or undefined where it is empty. */
export function takeToken(bucket: TokenBucket | undefined, { burst, refillMs, nowMs }: { burst: number; refillMs: number; nowMs: number }): TokenBucket | undefined {
  const tokens = bucket === undefined ? burst : Math.min(burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) / refillMs)
  return tokens < 1 ? undefined : { tokens: tokens - 1, atMs: nowMs }
}
