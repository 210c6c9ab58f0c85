import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Reads until what was read is as it should be, and returns it.
 *
 * @param what in the message when the time is over, with what was read last.
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T>,
  isTrue: (value: T) => boolean,
  { timeoutMs = 60_000, everyMs = 500 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (isTrue(value)) return value
    if (Date.now() > deadline) throw new Error(`After ${timeoutMs / 1_000} s it was still not so: ${what}. Last read: ${shorten(JSON.stringify(value))}`)
    await sleep(everyMs)
  }
}

/** Watches for a while that something never stops to be true. */
export async function always<T>(what: string, read: () => Promise<T>, isTrue: (value: T) => boolean, { forMs, everyMs = 1_000 }: { forMs: number; everyMs?: number }): Promise<void> {
  const end = Date.now() + forMs
  do {
    const value = await read()
    if (!isTrue(value)) throw new Error(`It stopped to be so: ${what}. Read: ${shorten(JSON.stringify(value))}`)
    await sleep(everyMs)
  } while (Date.now() < end)
}

const longest = 3_000
const shorten = (text = 'undefined') => (text.length > longest ? `${text.slice(0, longest)}...` : text)
