import { AppError } from '@tidewatch/kit'

const baseMs = 800
const maxMs = 30_000

/**
 * How long to wait after so many failures in a row: uniform up to 0.8 s, 1.6 s, ... 30 s ("full jitter"), and never less
 * than a tenth of that, so that chance makes no hot loop, nor less than the server asks for by `Retry-After`.
 *
 * @param failures 1 after the first
 * @param chance uniform in [0, 1)
 */
export function computePauseMs(failures: number, error: unknown, chance: number): number {
  const boundMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30))
  const pauseMs = Math.ceil(boundMs * Math.max(0.1, chance))
  const retry = error instanceof AppError ? error.retry : 'backoff'
  // What many clients were told to wait for they wait a little longer than, each its own while.
  return typeof retry === 'object' ? Math.max(pauseMs, retry.afterMs + Math.ceil(chance * baseMs)) : pauseMs
}
