import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseMetrics, type MetricSample } from '@tidewatch/kit'
import { digestLine, type LogDigest } from './log-lines.ts'

export interface ChildOptions {
  /** For messages: `detector hvac-1`. */
  name: string
  /** URL of the module that it runs. */
  entry: string
  /** For Node.js itself. Default: none. */
  nodeFlags?: readonly string[]
  environment: Record<string, string>
  logFile: string
}

export interface ChildExit {
  code: number | null
  signal: NodeJS.Signals | null
}

const leash = new URL('./leash.ts', import.meta.url).href
const scrapeTimeoutMs = 2_000

const alive = new Set<Child>()

/** Kills whatever still runs, at once: the last resort. */
export function killAllChildren(): void {
  for (const child of alive) child.kill('SIGKILL')
}

// Nothing that we started outlives us, whichever way we end.
process.on('exit', killAllChildren)

/** One process of ours, in a process group of its own: the terminal's Ctrl-C reaches only the parent, which stops them in order. */
export class Child {
  readonly name: string
  readonly exited: Promise<ChildExit>
  readonly startedAtMs = Date.now()
  readonly #process: ChildProcess
  #digest: LogDigest = { port: undefined, lastError: undefined }
  #exit: ChildExit | undefined

  constructor({ name, entry, nodeFlags = [], environment, logFile }: ChildOptions) {
    this.name = name
    this.#process = spawn(process.execPath, [...nodeFlags, '--import', leash, fileURLToPath(entry)], {
      detached: true,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    alive.add(this)
    const log = createWriteStream(logFile, { flags: 'a' })
    // A log that cannot be written (a full disk) is no reason to stop a run that goes well.
    log.on('error', () => {})
    for (const stream of [this.#process.stdout, this.#process.stderr] as Readable[]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#digest = digestLine(this.#digest, line)
        log.write(`${line}\n`)
      })
    }
    this.#process.stdin?.on('error', () => {})
    this.exited = new Promise((resolve) => {
      const finish = (exit: ChildExit) => {
        this.#exit = exit
        alive.delete(this)
        log.end()
        resolve(exit)
      }
      // 'close' comes when the last log line has been read as well.
      this.#process.once('close', (code, signal) => finish({ code, signal }))
      this.#process.once('error', (error) => {
        this.#digest = { ...this.#digest, lastError: error.message }
        finish({ code: 1, signal: null })
      })
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get exit(): ChildExit | undefined {
    return this.#exit
  }

  get lastError(): string | undefined {
    return this.#digest.lastError
  }

  /** True once its readiness probe says so. */
  async isReady(): Promise<boolean> {
    return (await this.#fetch('/readyz'))?.ok ?? false
  }

  /** Its metrics now, or undefined while it does not answer. */
  async scrape(): Promise<MetricSample[] | undefined> {
    const response = await this.#fetch('/metrics')
    if (!response?.ok) return undefined
    return parseMetrics(await response.text().catch(() => ''))
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Asks it to end, and kills it when it has not done so in time. */
  async stop(graceMs: number): Promise<ChildExit> {
    if (this.#exit === undefined) this.kill('SIGTERM')
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMs)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  async #fetch(path: string): Promise<Response | undefined> {
    const { port } = this.#digest
    if (port === undefined || this.#exit !== undefined) return undefined
    return fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(scrapeTimeoutMs) }).catch(() => undefined)
  }
}

/** `was killed by SIGKILL`, `ended with code 1`. */
export function describeExit({ code, signal }: ChildExit): string {
  return signal === null ? `ended with code ${code ?? 0}` : `was killed by ${signal}`
}
