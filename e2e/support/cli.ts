import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const launcher = fileURLToPath(new URL('../../packages/cli/bin/tidewatch.mjs', import.meta.url))

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
  seconds: number
}

/** The real command in a process of its own. */
export class Cli {
  readonly exited: Promise<CliResult>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(args: readonly string[], environment: Record<string, string | undefined> = {}) {
    const startedAt = Date.now()
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEWATCH_') || name === 'TIDEWATCH_CACHE_DIR'))
    this.#child = spawn(process.execPath, [launcher, ...args], { cwd: root, env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr, seconds: (Date.now() - startedAt) / 1_000 }))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until standard output holds this. */
  async says(pattern: RegExp, timeoutMs = 90_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!pattern.test(this.#stdout)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended before it said ${String(pattern)}:\n${this.#stdout}\n${this.#stderr}`)
      if (Date.now() > deadline) throw new Error(`it did not say ${String(pattern)} in time:\n${this.#stdout}\n${this.#stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Runs the command to its end. */
export function runCli(args: readonly string[], environment: Record<string, string | undefined> = {}): Promise<CliResult> {
  return new Cli(args, environment).exited
}
