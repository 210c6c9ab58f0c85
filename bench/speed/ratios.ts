import { idOf, type Entrant } from './entrants.ts'

/** How much faster one contender is than another; what the project asks for stands beside it. */
export interface RatioSpec {
  name: string
  of: string
  to: string
  must?: number
  aim?: number
}

export interface Ratio {
  min: number
  median: number
  max: number
}

const tidewatch = (guarantee: Entrant['guarantee'], workers: number) => idOf({ name: 'tidewatch', guarantee, workers })
const ours = { once: tidewatch('AtLeastOnce', 1), exactly: tidewatch('ExactlyOnce', 1), twice: tidewatch('AtLeastOnce', 2), exactlyTwice: tidewatch('ExactlyOnce', 2) }

export const ratioSpecs: readonly RatioSpec[] = [
  { name: 'kafka-streams', of: ours.once, to: 'kafka-streams/AtLeastOnce/1', must: 4, aim: 7 },
  { name: 'kafka-streams, 2 workers', of: ours.twice, to: 'kafka-streams/AtLeastOnce/2', must: 3, aim: 5 },
  { name: 'kafka-streams, ExactlyOnce', of: ours.exactly, to: 'kafka-streams/ExactlyOnce/1', must: 3, aim: 5 },
  { name: 'kafka-streams, ExactlyOnce, 2 workers', of: ours.exactlyTwice, to: 'kafka-streams/ExactlyOnce/2' },
  { name: 'flink', of: ours.once, to: 'flink/AtLeastOnce/1' },
  { name: 'flink, 2 workers', of: ours.twice, to: 'flink/AtLeastOnce/2' },
  { name: 'flink, ExactlyOnce', of: ours.exactly, to: 'flink/ExactlyOnce/1' },
  { name: 'flink, ExactlyOnce, 2 workers', of: ours.exactlyTwice, to: 'flink/ExactlyOnce/2' },
  { name: 'river', of: ours.once, to: 'river/AtLeastOnce/1' },
  { name: 'our own AtLeastOnce, with ExactlyOnce', of: ours.exactly, to: ours.once, must: 0.8, aim: 0.95 },
  { name: 'bare-loop', of: ours.once, to: 'bare-loop/None/1', must: 0.5, aim: 0.75 },
]

/**
 * The ratios that the rounds allow: each is taken within a round, where both contenders met the same machine, and spread over the rounds.
 *
 * @param rounds readings a second by contender, one map a round.
 */
export function computeRatios(rounds: readonly ReadonlyMap<string, number>[], specs = ratioSpecs): Map<RatioSpec, Ratio> {
  const ratios = new Map<RatioSpec, Ratio>()
  for (const spec of specs) {
    const values = rounds.flatMap((round) => {
      const [ours, theirs] = [round.get(spec.of), round.get(spec.to)]
      return ours === undefined || theirs === undefined ? [] : [ours / theirs]
    })
    if (values.length > 0) ratios.set(spec, spreadOf(values))
  }
  return ratios
}

/** The median of an even number is the mean of the middle two. @param values at least one. */
export function spreadOf(values: readonly number[]): Ratio {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return { min: sorted[0]!, median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2, max: sorted.at(-1)! }
}
