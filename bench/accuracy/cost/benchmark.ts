import { availableModels, type AvailableModel } from '@tidewatch/api'
import { createFactories } from '@tidewatch/detector'
import { createSimulation } from '@tidewatch/simulator'
import { median } from '../../measuring.ts'
import { systemC } from '../../scenarios.ts'
import { baselines, type BaselineName } from '../baselines.ts'
import { figure, type Benchmark, type Result } from '../benchmark.ts'
import type { Contender, Series } from '../contender.ts'
import { captureVectors } from '../faults/replayed-models.ts'
import { resolveModel, slowModels } from '../models.ts'
import { measureBytes, measureMicroseconds, measureParsing, type CreateModel, type Workload } from './measure.ts'

/** What the default model may take for a window, in microseconds. */
export const mostMicroseconds = 5

/** Sensors that are judged in turn, times that this is done, and models of which memory is measured. */
const size = { fast: { devices: 50, rounds: 7, kept: 400 }, slow: { devices: 8, rounds: 3, kept: 8 } }
/** Windows of a sensor that are learned before: more than any model's warm-up, half of two hours. */
const warmUp = 360
/** Series of a sensor that a peer is asked for, after one that nobody looks at. */
const peerSeries = 3

interface Cost {
  microseconds: number
  /** As many readings would be parsed in that time. */
  readingsParsed: number
  /** Undefined for baselines, which hold next to nothing, and peers, whose memory is in other processes. */
  bytesPerKey: number | undefined
}

/** What a window costs: score and learn, six features, models that are warm. */
export function costBenchmark(): Benchmark {
  const run = { scenario: systemC({ devices: size.fast.devices }), kind: 'spike', seed: 1 } as const
  let windows: ReturnType<typeof captureVectors> | undefined
  let messages: string[] | undefined
  return {
    name: 'cost',
    title: `Cost of a window of six features, score and learn: system C, two hours, ${size.fast.devices} sensors in turn, each with a warm model of its own`,
    columns: ['us per window', 'JSON.parse of a reading = 1', 'bytes per key'],
    notes: [
      `us: microseconds, the median of ${size.fast.rounds} rounds; slow models (${slowModels.join(', ')}) of ${size.slow.rounds}, with ${size.slow.devices} sensors. Readings are parsed before and after each round:`,
      'that column depends less on the machine, and on who else works there.',
      `Peers: in their own process, without the way there and back; a series of one sensor from its first window on, what it learns from there included, the median of ${peerSeries}.`,
      'bytes: of a warm model, on the heap and beside it.',
      `must: the default model, ${availableModels[0]}, less than ${mostMicroseconds} us (aim: 1).`,
    ],
    run: async (contender) => {
      windows ??= captureVectors(run)
      messages ??= sampleMessages(run.scenario.fleet)
      return describe(contender, contender.kind === 'peer' ? await costOfPeer(contender, windows, messages) : costOfOwn(contender, windows, messages))
    },
  }
}

type Windows = ReturnType<typeof captureVectors>

function costOfOwn({ name, kind }: Contender, windows: Windows, messages: readonly string[]): Cost {
  const { devices, rounds, kept } = slowModels.includes(name) ? size.slow : size.fast
  const workload: Workload = { keys: windows.slice(0, devices).map(({ rows }) => rows), warmUp }
  const create = kind === 'model' ? creatorOf(name as AvailableModel, windows[0]!.features) : (key: number) => baselines[name as BaselineName](key)
  const taken = Array.from({ length: rounds }, () => {
    const before = parse(messages)
    const microseconds = measureMicroseconds(create, workload)
    return { microseconds, readingsParsed: (2 * microseconds) / (before + parse(messages)) }
  })
  return {
    microseconds: median(taken.map((round) => round.microseconds)),
    readingsParsed: median(taken.map((round) => round.readingsParsed)),
    bytesPerKey: kind === 'model' ? measureBytes(create, workload, kept) : undefined,
  }
}

function creatorOf(name: AvailableModel, features: Windows[number]['features']): CreateModel {
  const config = resolveModel(name)
  const { models } = createFactories(config)
  return () => models.create(features, config.seed)
}

async function costOfPeer(contender: Contender, windows: Windows, messages: readonly string[]): Promise<Cost | undefined> {
  const taken: Pick<Cost, 'microseconds' | 'readingsParsed'>[] = []
  for (const [i, { features, rows }] of windows.slice(0, peerSeries + 1).entries()) {
    const series: Series = { name: `cost #${i + 1}`, columns: features.map((feature) => feature.name), rows, timesMs: Float64Array.from(rows, (_, row) => row * 1_000), training: 0 }
    const before = parse(messages)
    const { seconds } = await contender.score(series)
    if (seconds === undefined) return undefined
    const microseconds = (1e6 * seconds) / rows.length
    // The first one is not looked at: compilers need it.
    if (i > 0) taken.push({ microseconds, readingsParsed: (2 * microseconds) / (before + parse(messages)) })
  }
  return { microseconds: median(taken.map((one) => one.microseconds)), readingsParsed: median(taken.map((one) => one.readingsParsed)), bytesPerKey: undefined }
}

/** About twenty milliseconds of work. */
const parse = (messages: readonly string[]): number => measureParsing(messages, 20)

/** A thousand readings as the simulator sends them. */
function sampleMessages(fleet: ReturnType<typeof systemC>['fleet']): string[] {
  const messages: string[] = []
  for (const { value } of createSimulation({ ...fleet, speed: 1e6 }, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })) {
    if (messages.push(String(value)) === 1_000) break
  }
  return messages
}

function describe({ name }: Contender, cost: Cost | undefined): Result {
  const bytes = cost?.bytesPerKey === undefined ? '-' : Math.round(cost.bytesPerKey).toLocaleString('en')
  return {
    contender: name,
    rows: [[figure(cost?.microseconds, 2), figure(cost?.readingsParsed, 2), bytes]],
    json: { microseconds: cost?.microseconds ?? null, readingsParsed: cost?.readingsParsed ?? null, bytesPerKey: cost?.bytesPerKey ?? null },
    missed: cost === undefined ? [] : findMissedCost(name, cost.microseconds),
    details: [],
  }
}

/** Only the default model is held to a cost: who names another one has looked at the table. */
export function findMissedCost(name: string, microseconds: number): string[] {
  return name === availableModels[0] && microseconds >= mostMicroseconds ? [`${microseconds.toFixed(2)} us a window >= ${mostMicroseconds}`] : []
}
