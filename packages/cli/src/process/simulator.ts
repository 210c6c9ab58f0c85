import { readFileSync } from 'node:fs'
import { interruptedSimulatorExitCode } from '@tidewatch/api'
import { defineError } from '@tidewatch/kit'
import { describeExit, type Child } from './child.ts'
import { readRecordsSent, type SendReport, type Sender } from './sender.ts'

export const SimulatorFailed = defineError('SIMULATOR_FAILED', { retry: 'never' })

/** Long enough for what is under way to be acknowledged. */
const stopGraceMs = 27_000

/** One simulator process: one shard of a fleet. */
export class SimulatorProcess implements Sender {
  readonly fleet: string
  readonly topic: string
  readonly done: Promise<SendReport>
  readonly #child: Child
  readonly #reportFile: string
  #sent = 0

  constructor(options: { fleet: string; topic: string; child: Child; reportFile: string }) {
    this.fleet = options.fleet
    this.topic = options.topic
    this.#child = options.child
    this.#reportFile = options.reportFile
    this.done = this.#finish()
    this.done.catch(() => {})
  }

  sentSoFar(): number {
    return this.#sent
  }

  async scrape(): Promise<void> {
    const samples = await this.#child.scrape()
    if (samples !== undefined) this.#sent = Math.max(this.#sent, readRecordsSent(samples))
  }

  async stop(): Promise<void> {
    await this.#child.stop(stopGraceMs)
  }

  async #finish(): Promise<SendReport> {
    const exit = await this.#child.exited
    const why = this.#child.lastError === undefined ? '' : `: ${this.#child.lastError}`
    if (exit.code !== 0 && exit.code !== interruptedSimulatorExitCode) throw new SimulatorFailed(`${this.#child.name} ${describeExit(exit)}${why}`)
    const report = readReport(this.#reportFile)
    if (report === undefined) throw new SimulatorFailed(`${this.#child.name} left no report of what it sent${why}`)
    this.#sent = report.sent
    return report
  }
}

function readReport(file: string): SendReport | undefined {
  try {
    const { sent = 0, sendErrors = 0, injected = {} } = JSON.parse(readFileSync(file, 'utf8')) as Partial<SendReport>
    return { sent, sendErrors, injected }
  } catch {
    return undefined
  }
}
