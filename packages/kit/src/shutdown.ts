import type { Logger } from './logger.ts'

/** Less than the 30 s after which a kubelet kills. */
const defaultTimeoutMs = 25_000

/** Ctrl-C reaches a child twice when its launcher passes it on; only a later one means "at once". */
const repeatedSignalGraceMs = 1_000

/**
 * Ends a process in order: steps run one after another in the reverse of the order in which they were added,
 * so that what was started last stops first.
 */
export class Shutdown {
  readonly #log: Logger
  readonly #exit: (code: number) => void
  readonly #timeoutMs: number
  readonly #steps: { name: string; run: () => Promise<void> | void }[] = []
  readonly #abort = new AbortController()
  #begun: Promise<void> | undefined
  #begunAtMs = 0
  #isTold = false

  /** @param timeoutMs how long the whole way down may take before the process gives up and exits with 1; 25 s */
  constructor(log: Logger, exit: (code: number) => void = (code) => process.exit(code), timeoutMs = defaultTimeoutMs) {
    this.#log = log
    this.#exit = exit
    this.#timeoutMs = timeoutMs
  }

  /** Aborts as soon as the way down begins: loops end by it. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** True once a signal has told the process to end, also where it was on its way down by then. */
  get isTold(): boolean {
    return this.#isTold
  }

  /** Adds a step, run before all those added earlier. */
  add(name: string, run: () => Promise<void> | void): void {
    this.#steps.push({ name, run })
  }

  /** Begins the way down once; every later call waits for the same one. */
  run(code: number): Promise<void> {
    this.#begunAtMs ||= Date.now()
    this.#begun ??= this.#runSteps(code)
    return this.#begun
  }

  /** Ends the process in order on SIGTERM, SIGINT and SIGHUP, and with code 1 on an error nobody caught. */
  install(): void {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.#isTold = true
        if (this.#begun && Date.now() - this.#begunAtMs > repeatedSignalGraceMs) return this.#exit(1)
        void this.run(0)
      })
    }
    const die = (err: unknown) => {
      this.#log.fatal({ err }, 'Ended by an error that nothing caught')
      void this.run(1)
    }
    process.on('uncaughtException', die)
    process.on('unhandledRejection', die)
  }

  async #runSteps(code: number): Promise<void> {
    this.#abort.abort()
    const deadline = setTimeout(() => {
      this.#log.error({ timeoutMs: this.#timeoutMs }, 'Shutdown took too long')
      this.#exit(1)
    }, this.#timeoutMs)
    let exitCode = code
    for (const { name, run } of this.#steps.reverse()) {
      try {
        await run()
      } catch (err) {
        this.#log.error({ err, step: name }, 'Failed a step of the shutdown')
        exitCode = 1
      }
    }
    clearTimeout(deadline)
    this.#exit(exitCode)
  }
}
