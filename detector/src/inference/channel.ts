/** Largest network input and output together, in numbers. */
const mostNumbers = 2 * 1_000 * 1_024
const mostText = 65_536
const controlBytes = 16

/** Bytes of the memory that both sides share; pages that are not touched take no memory. */
export const channelBytes = controlBytes + mostText + 4 * mostNumbers

/** States of the channel's first word. */
const asked = 1
const done = 2
const failed = 3

export type Answer = { kind: 'done' | 'failed'; text: string } | { kind: 'silent' }

/** A call from one thread to another that waits for its answer. */
export interface Channel {
  /** Parameters and results of a call. */
  numbers: Float32Array
  /** For the one who asks: waits for the answer. The first call waits for whatever the other side begins with. */
  ask: (withinMs: number) => Answer
  /** For the one who answers: ends the call, with a text. */
  answer: (kind: 'done' | 'failed', text: string) => void
  /** For the one who answers: waits for the next call. */
  awaitCall: () => void
}

/** Both sides open it over the same memory. */
export function openChannel(buffer: SharedArrayBuffer): Channel {
  const control = new Int32Array(buffer, 0, 2)
  const bytes = new Uint8Array(buffer, controlBytes, mostText)
  return {
    numbers: new Float32Array(buffer, controlBytes + mostText, mostNumbers),
    ask: (withinMs) => {
      Atomics.store(control, 0, asked)
      Atomics.notify(control, 0)
      if (Atomics.wait(control, 0, asked, withinMs) === 'timed-out') return { kind: 'silent' }
      const kind = Atomics.load(control, 0) === done ? 'done' : 'failed'
      // A copy: a decoder takes no shared memory.
      const text = new TextDecoder().decode(bytes.slice(0, Atomics.load(control, 1)))
      return { kind, text }
    },
    answer: (kind, text) => {
      const encoded = new TextEncoder().encode(text).subarray(0, mostText)
      bytes.set(encoded)
      Atomics.store(control, 1, encoded.length)
      Atomics.store(control, 0, kind === 'done' ? done : failed)
      Atomics.notify(control, 0)
    },
    awaitCall: () => {
      for (;;) {
        const state = Atomics.load(control, 0)
        if (state === asked) return
        Atomics.wait(control, 0, state)
      }
    },
  }
}
