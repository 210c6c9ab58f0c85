import type { DetectorConfig } from '@tidewatch/api'
import { DetectorProcess } from '@tidewatch/detector/testing'
import type { Program } from './program.ts'
import { warmUpWindows, type RunPlan } from './plan.ts'
import { findTakeOver } from '../take-over.ts'
import type { Guarantee } from './entrants.ts'

/** Our detector, as so many processes of one group. */
export class Detectors implements Program {
  readonly #processes: DetectorProcess[]
  readonly exited: Promise<unknown>

  constructor(config: DetectorConfig, brokers: string, workers: number) {
    this.#processes = Array.from({ length: workers }, () => new DetectorProcess(config, brokers))
    this.exited = Promise.race(this.#processes.map(({ exited }) => exited))
    process.once('exit', this.#kill)
  }

  get pids(): readonly number[] {
    return this.#processes.map(({ pid }) => pid)
  }

  /** That is before the first record is fetched. */
  beganMs(): number | undefined {
    const moments = this.#processes.flatMap(({ output }) => findTakeOver(output) ?? [])
    return moments.length === 0 ? undefined : Math.min(...moments)
  }

  endedMs(): undefined {}

  words(): string {
    return this.#processes.map(({ output }) => output.slice(-4_000)).join('\n---\n')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.signal('SIGTERM')))
    process.off('exit', this.#kill)
  }

  readonly #kill = (): void => this.#processes.forEach((one) => void one.signal('SIGKILL'))
}

/** The sample's pipeline on the benchmark's topics: every window is written, and judged from the third of a device on. */
export function buildConfig(
  pipeline: DetectorConfig,
  plan: Pick<RunPlan, 'latenessMs'>,
  { name, topic, output, guarantee }: { name: string; topic: string; output: string; guarantee: Guarantee },
): DetectorConfig {
  const { model } = pipeline
  if (model.kind !== 'microClusters') throw new Error(`The benchmark is of the default model, and the sample names ${model.kind}`)
  return {
    ...pipeline,
    pipeline: { name, namespace: 'default', uid: name },
    groupId: name,
    topic,
    startFrom: 'Earliest',
    allowedLatenessMs: plan.latenessMs,
    outputs: { anomalies: `${name}-anomalies`, scores: output, deadLetters: `${name}-dead-letters` },
    checkpoint: { ...pipeline.checkpoint, topic: `${name}-state` },
    delivery: guarantee === 'ExactlyOnce' ? 'ExactlyOnce' : 'AtLeastOnce',
    warmUp: warmUpWindows,
    model: { ...model, parameters: { ...model.parameters, warmUp: warmUpWindows } },
  }
}
