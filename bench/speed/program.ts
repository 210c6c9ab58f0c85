import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

/** A contender at work, whatever it is made of. */
export interface Program {
  readonly pids: readonly number[]
  /** When it read its first record, or the first of its processes took over partitions; ms since the epoch. Undefined before. */
  beganMs(): number | undefined
  /** When it was through, where it says so itself. */
  endedMs(): number | undefined
  /** Resolves when one of its processes has ended: none does so by itself. */
  readonly exited: Promise<unknown>
  /** The last of what it has said. */
  words(): string
  /** Asks it to end, and makes it. */
  stop(): Promise<void>
}

const mostWords = 4_000
const patienceMs = 10_000

/** A program of the benchmark's own: it says `first MS` and perhaps `done MS` on its standard output. */
export class MarkedProgram implements Program {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #marks = new Map<string, number>()
  readonly exited: Promise<unknown>
  #words = ''
  #unfinished = ''

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, [...args], { stdio: 'pipe' })
    this.#child.stdin.end()
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#unfinished + text).split('\n')
      this.#unfinished = lines.pop() ?? ''
      for (const line of lines) this.#read(line)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(this.#hear(error.message)))
      this.#child.once('close', resolve)
    })
    process.once('exit', this.#kill)
  }

  get pids(): readonly number[] {
    return this.#child.pid === undefined ? [] : [this.#child.pid]
  }

  beganMs(): number | undefined {
    return this.#marks.get('first')
  }

  endedMs(): number | undefined {
    return this.#marks.get('done')
  }

  words(): string {
    return this.#words
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const timer = setTimeout(this.#kill, patienceMs)
    await this.exited
    clearTimeout(timer)
    process.off('exit', this.#kill)
  }

  readonly #kill = (): void => void this.#child.kill('SIGKILL')

  #read(line: string): void {
    const [, mark, ms] = /^(first|done) (\d+)$/.exec(line) ?? []
    if (mark === undefined) this.#hear(`${line}\n`)
    else this.#marks.set(mark, Number(ms))
  }

  #hear(text: string): void {
    this.#words = (this.#words + text).slice(-mostWords)
  }
}
