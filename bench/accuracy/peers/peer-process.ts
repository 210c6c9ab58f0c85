import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Scored, Series } from '../contender.ts'
import { buildSeriesLine, parseAnswerLine } from './lines.ts'

/** How a peer is started. */
export interface PeerCommand {
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** No series at hand takes a peer longer than a minute on one core; whoever needs this long hangs. */
const longestAnswerMs = 600_000
const longestStartMs = 180_000

/**
 * A peer's long-lived process: a line in, a line out. It ends when its standard input does, so it never outlives this process for longer
 * than the series it is at.
 */
export class PeerProcess {
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<string>
  #lastWords = ''

  /** Starts a peer and waits until it says that it is ready. @throws Error with what it said instead. */
  static async start(name: string, command: PeerCommand): Promise<PeerProcess> {
    const peer = new PeerProcess(name, command)
    try {
      await peer.#readLine('start', longestStartMs)
    } catch (error) {
      await peer.close()
      throw error
    }
    return peer
  }

  private constructor(name: string, { command, args, env }: PeerCommand) {
    this.#name = name
    this.#child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-1_000)))
    // A peer that is gone closes the pipe on us; how it ended says enough.
    this.#child.stdin.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('close', (code, signal) => resolve(`it ended with ${code ?? signal}`))
    })
    this.#lines = createInterface({ input: this.#child.stdout, crlfDelay: Infinity })[Symbol.asyncIterator]()
    process.once('exit', this.#kill)
  }

  /** @throws Error naming the series. */
  async score(series: Series): Promise<Scored> {
    this.#child.stdin.write(buildSeriesLine(series))
    return parseAnswerLine(await this.#readLine(`score ${series.name}`, longestAnswerMs), this.#name, series)
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    // It has nothing to finish: scores that nobody waits for are of no use.
    this.#kill()
    await this.#ended
    process.off('exit', this.#kill)
  }

  readonly #kill = (): void => void this.#child.kill('SIGKILL')

  async #readLine(task: string, timeoutMs: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#name} did not ${task} within ${timeoutMs / 1_000} s`)), timeoutMs)
    })
    try {
      const line: IteratorResult<string, unknown> = await Promise.race([this.#lines.next(), late])
      if (line.done !== true) return line.value
      const words = [await this.#ended, lastLine(this.#lastWords)].filter((part) => part !== '')
      throw new Error(`${this.#name} could not ${task}: ${words.join(': ')}`)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Where programs say what was wrong: the last line that is not empty. */
export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() ?? ''
