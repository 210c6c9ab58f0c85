import type { TopologyDriverOptions } from '@tidewatch/detector/testing'
import type { Contender, Scored, Series } from '../contender.ts'
import type { SeriesModel } from '../judge-series.ts'
import { nameOfRun, runFault, type FaultCounts, type FaultRun } from './run-fault.ts'

type ModelFactory = NonNullable<TopologyDriverOptions['models']>
type ThresholdFactory = NonNullable<TopologyDriverOptions['thresholds']>

/**
 * Puts a contender that judges whole series into the detector's path, which asks for one vector after the other, in three steps:
 *
 *     first run     models that only write down their vectors      -> a series for each device (and metric)
 *     between       the contender scores them                      -> scores and flags
 *     second run    models that say what the flags say             -> counted as for any model
 *
 * A window that the contender cannot judge yet (its score is NaN) is unjudged, as it is for a model that warms up.
 * A run is the same each time, so the n-th model of both is the same device's and is asked in the same order.
 *
 * @param captured kept between contenders: the first run is the same for all of them.
 * @returns undefined for a contender without a boundary of its own.
 */
export async function runContender(run: FaultRun, contender: Contender, captured: Map<string, Series[]>): Promise<FaultCounts | undefined> {
  const key = nameOfRun(run)
  let series = captured.get(key)
  if (series === undefined) captured.set(key, (series = capture(run, key)))
  const said: Verdicts[] = []
  for (const one of series) {
    const { scores, flags } = await contender.score(one)
    if (flags === undefined) return undefined
    said.push({ scores, flags })
  }
  return runFault(run, { models: saying(said), thresholds })
}

type Verdicts = Required<Pick<Scored, 'scores'>> & { flags: Uint8Array }

/** The same for one that is asked for one vector after the other, as a trivial baseline is: in one run. @param create for the n-th device (and metric). */
export function runOnline(run: FaultRun, create: (n: number) => SeriesModel): FaultCounts {
  let made = 0
  const models = factory(() => {
    const model = create(made++)
    return { value: (x) => model.score(x)?.value, learn: (x, weight) => model.learn(x, weight) }
  })
  return runFault(run, { models, thresholds })
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

function saying(said: readonly Verdicts[]): ModelFactory {
  let made = 0
  return factory(() => {
    const { scores, flags } = said[made++]!
    let row = 0
    return { value: () => (Number.isNaN(scores[row]) ? undefined : flags[row] === 1 ? 2 : 0), learn: () => void row++ }
  })
}

type Features = Parameters<ModelFactory['create']>[0]

/** Models that need no warm-up of their own: the detector's holds for all of them. What `value` does not say yet is unjudged. */
function factory(create: (features: Features) => { value: (x: Float64Array) => number | undefined; learn: (x: Float64Array, weight: number) => void }): ModelFactory {
  return {
    kind: 'replayed',
    create: (features) => {
      const { value, learn } = create(features)
      const contributions = new Float64Array(features.length)
      return {
        isReady: () => true,
        progress: () => ({ learned: 0, needed: 0 }),
        score: (x) => {
          const said = value(x)
          return said === undefined ? undefined : { value: said, raw: said, contributions, expected: undefined }
        },
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
