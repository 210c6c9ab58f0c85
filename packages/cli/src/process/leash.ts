/**
 * Loaded into every child before its own code (`node --import`): ends the child in its usual way as soon as its
 * standard input closes, which happens when the parent is gone, by whatever death. So nothing is left behind even
 * by `kill -9` of the command itself.
 */

import { isMainThread } from 'node:worker_threads'

/** The broker has most likely died with the parent, so there is little that a child could still finish. */
const graceMs = 5_000

const end = (): void => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs).unref()
  process.kill(process.pid, 'SIGTERM')
}
// A thread of the child loads this too, and its standard input is another, which ends at once.
if (isMainThread) {
  process.stdin.on('end', end)
  process.stdin.on('error', end)
  process.stdin.resume()
  // The pipe alone must not keep a child alive that has done its work.
  ;(process.stdin as unknown as { unref?: () => void }).unref?.()
}
