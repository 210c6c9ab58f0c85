import { messageOf, systemClock } from '@tidewatch/kit'

/** Longer than the longest orderly way down of a child. */
const patienceMs = 40_000
/** Enough for what does not need the network. */
const hurriedPatienceMs = 1_500

/** What has to be undone, last thing first, however a run ends. */
export class Cleanup {
  readonly #steps: { name: string; run: () => Promise<unknown> | void }[] = []
  #patienceMs = patienceMs

  add(name: string, run: () => Promise<unknown> | void): void {
    this.#steps.push({ name, run })
  }

  /** The broker is gone: whatever would wait for it is not waited for. */
  hurry(): void {
    this.#patienceMs = hurriedPatienceMs
  }

  /** Runs every step once, also behind one that fails or hangs; gives a sentence for each that did fail. */
  async run(): Promise<string[]> {
    const problems: string[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const over = new AbortController()
      try {
        await Promise.race([step.run(), systemClock.sleep(this.#patienceMs, over.signal)])
      } catch (error) {
        problems.push(`could not ${step.name}: ${messageOf(error)}`)
      }
      over.abort()
    }
    return problems
  }
}
