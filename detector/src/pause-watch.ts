/** How often to look. */
const lookMs = 1_000

/**
 * Notices that the whole process stood still: it was stopped by a signal, its machine was frozen, or it got no CPU.
 *
 * @param limitMs the longest pause that is borne.
 * @param onPause told of each longer one, once it is over.
 * @param now a clock that goes on meanwhile and is never put back, in milliseconds.
 * @returns what ends the watch.
 */
export function watchForPauses(limitMs: number, onPause: (pausedMs: number) => void, now: () => number = () => performance.now()): () => void {
  let lastMs = now()
  const timer = setInterval(() => {
    const nowMs = now()
    const pausedMs = nowMs - lastMs - lookMs
    lastMs = nowMs
    if (pausedMs > limitMs) onPause(pausedMs)
  }, lookMs)
  // Nothing to watch for where nothing else is left to do.
  timer.unref()
  return () => clearInterval(timer)
}
