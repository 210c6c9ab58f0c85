import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defineError } from '@tidewatch/kit'
import type { RunSetup } from './messages.ts'

/** A process of the benchmark has ended, or did not answer. */
export const HelperFailed = defineError('HELPER_FAILED', { retry: 'never' })

/** A process that helps to measure, and what it tells. */
export class Helper<To extends { kind: string }, From extends { kind: string }> {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #told: From[] = []
  #ended: string | undefined
  #wake: (() => void) | undefined

  constructor(file: 'generator' | 'reader', setup: RunSetup) {
    this.#name = file
    this.#child = fork(fileURLToPath(new URL(`./${file}.ts`, import.meta.url)), [JSON.stringify(setup)])
    this.#child.on('message', (message) => {
      this.#told.push(message as From)
      this.#wake?.()
    })
    this.#child.once('exit', (code, signal) => {
      this.#ended = String(code ?? signal)
      this.#wake?.()
    })
  }

  tell(message: To): void {
    this.#child.send(message)
  }

  /**
   * The next message of a kind, or the one that has come already; undefined where none comes in time.
   *
   * @throws HelperFailed where the process ends instead.
   */
  async hear<Kind extends From['kind']>(kind: Kind, withinMs: number): Promise<Extract<From, { kind: Kind }> | undefined> {
    const deadlineMs = performance.now() + withinMs
    for (;;) {
      const at = this.#told.findIndex((one) => one.kind === kind)
      if (at >= 0) return this.#told.splice(at, 1)[0] as Extract<From, { kind: Kind }>
      if (this.#ended !== undefined) throw new HelperFailed(`The ${this.#name} of the benchmark has ended (${this.#ended}); what it said is above`)
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0) return undefined
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** As `hear`, where it must come. @throws HelperFailed */
  async require<Kind extends From['kind']>(kind: Kind, withinMs: number): Promise<Extract<From, { kind: Kind }>> {
    const message = await this.hear(kind, withinMs)
    if (message === undefined) throw new HelperFailed(`The ${this.#name} of the benchmark did not come to "${kind}" within ${withinMs / 1_000} s: is the machine too busy?`)
    return message
  }

  async stop(): Promise<void> {
    if (this.#ended !== undefined) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await exited
  }
}
