/** A launcher (npm, npx, our own) passes the terminal's Ctrl-C on, so one press may arrive twice. */
const samePressMs = 1_000

/**
 * Turns signals into one AbortSignal: the first one asks for the orderly way down, one that comes more than a
 * second later means "at once".
 */
export class Interruption {
  readonly #abort = new AbortController()
  readonly #kill: () => void
  readonly #now: () => number
  #firstAtMs: number | undefined

  constructor(kill: () => void, now: () => number = () => Date.now()) {
    this.#kill = kill
    this.#now = now
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  press(): void {
    if (this.#firstAtMs === undefined) {
      this.#firstAtMs = this.#now()
      this.#abort.abort()
    } else if (this.#now() - this.#firstAtMs > samePressMs) this.#kill()
  }

  /** Listens to the process's signals until the function that it gives is called. */
  listen(): () => void {
    const press = () => this.press()
    // Nobody reads our output any more (`| head`): a run that nobody sees is one to stop.
    const broken = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.press()
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, press)
    process.stdout.on('error', broken)
    return () => {
      for (const signal of signals) process.off(signal, press)
    }
  }
}
