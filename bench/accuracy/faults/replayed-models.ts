import type { TopologyDriverOptions } from '@tidewatch/detector/testing'
import type { Contender, Series } from '../contender.ts'
import { runFault, type FaultCounts, type FaultRun } from './run-fault.ts'

type ModelFactory = NonNullable<TopologyDriverOptions['models']>
type ThresholdFactory = NonNullable<TopologyDriverOptions['thresholds']>

/**
 * Puts a contender that judges whole series into the detector's path, which asks for one vector after the other, in three steps:
 *
 *     first run     models that only write down their vectors      -> a series for each device (and metric)
 *     between       the contender scores them                      -> flags
 *     second run    models that say what the flags say             -> counted as for any model
 *
 * A run is the same each time, so the n-th model of both is the same device's and is asked in the same order.
 *
 * @param captured kept between contenders: the first run is the same for all of them.
 * @returns undefined for a contender without a boundary of its own.
 */
export async function runContender(run: FaultRun, contender: Contender, captured: Map<string, Series[]>): Promise<FaultCounts | undefined> {
  const key = `${run.scenario.system} ${run.kind} ${run.seed}`
  let series = captured.get(key)
  if (series === undefined) captured.set(key, (series = capture(run, key)))
  const flags: Uint8Array[] = []
  for (const one of series) {
    const scored = await contender.score(one)
    if (scored.flags === undefined) return undefined
    flags.push(scored.flags)
  }
  return runFault(run, { models: saying(flags), thresholds })
}

function capture(run: FaultRun, name: string): Series[] {
  return captureVectors(run).map(({ features, rows }, i) => ({
    name: `${name} #${i + 1}`, columns: features.map((feature) => feature.name), rows, timesMs: Float64Array.from(rows, (_, row) => row * 1_000), training: 0,
  }))
}

/** The vectors of a run's windows in their order, by model: one for each device (and metric). Those of the warm-up are among them. */
export function captureVectors(run: FaultRun): { features: Features; rows: Float64Array[] }[] {
  const captured: { features: Features; rows: Float64Array[] }[] = []
  const models = factory((features) => {
    const rows: Float64Array[] = []
    captured.push({ features, rows })
    return { value: () => 0, learn: (x) => void rows.push(x.slice()) }
  })
  runFault(run, { models, thresholds })
  return captured
}

function saying(flags: readonly Uint8Array[]): ModelFactory {
  let made = 0
  return factory(() => {
    const own = flags[made++]!
    let row = 0
    return { value: () => (own[row] === 1 ? 2 : 0), learn: () => void row++ }
  })
}

type Features = Parameters<ModelFactory['create']>[0]

/** Models that need no warm-up of their own: the detector's holds for all of them. */
function factory(create: (features: Features) => { value: () => number; learn: (x: Float64Array) => void }): ModelFactory {
  return {
    kind: 'replayed',
    create: (features) => {
      const { value, learn } = create(features)
      const contributions = new Float64Array(features.length)
      return {
        isReady: () => true,
        progress: () => ({ learned: 0, needed: 0 }),
        score: () => ({ value: value(), raw: value(), contributions, expected: undefined }),
        learn,
        snapshot: () => ({ kind: 'replayed', version: 1, state: null }),
      }
    },
    restore: () => {
      throw new Error('a replayed model lives in one run and is never restored')
    },
  }
}

const threshold = { limit: () => 1, observe: () => {}, snapshot: () => ({ kind: 'replayed', version: 1, state: null }) }
const thresholds: ThresholdFactory = { kind: 'replayed', create: () => threshold, restore: () => threshold }
