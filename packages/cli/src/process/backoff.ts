/** How a process that keeps dying is started again. */
export interface RestartPolicy {
  firstPauseMs: number
  longestPauseMs: number
  /** A process that ran so long was well: its death begins a new count. */
  wellAfterMs: number
  /** So many deaths in a row without having been well are a fault that a restart does not repair. */
  giveUpAfter: number
}

export const restartPolicy: RestartPolicy = { firstPauseMs: 500, longestPauseMs: 10_000, wellAfterMs: 20_000, giveUpAfter: 5 }

/** What to do about a death: start again after a pause, or give up (undefined). */
export function decideRestart(policy: RestartPolicy, deathsBefore: number, ranMs: number): { pauseMs: number; deaths: number } | undefined {
  const deaths = ranMs >= policy.wellAfterMs ? 1 : deathsBefore + 1
  if (deaths >= policy.giveUpAfter) return undefined
  return { deaths, pauseMs: Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (deaths - 1)) }
}
