import type { NumberGoal } from './goals.ts'

/** The JSON of a run: benchmark, contender, what its result says. */
export type Figures = Readonly<Record<string, Readonly<Record<string, object>>>>

/** `aim` is beyond `must`. */
export type Reaches = 'aim' | 'must' | 'no'

/** A contender's figure for a number. */
export interface Reached {
  contender: string
  figure: number
  reaches: Reaches
  /** Why `no`, where it is not the figure itself: `FAR 34.9 %`. */
  because?: string
}

/** One number: what was wanted, and who got how far. Undefined: nobody was run, or has such a figure. */
export interface NumberRow {
  number: string
  must: number
  aim: number | null
  default: Reached | undefined
  /** The best of our models; first those that fulfil what goes with the number. */
  best: Reached | undefined
  /** The best of baselines, peers and published detectors. */
  others: Reached | undefined
}

export interface Sides {
  defaultModel: string
  isOurs: (contender: string) => boolean
}

/** How far each number is reached, in the order of the goals; only of benchmarks that were run. */
export function summariseNumbers(goals: readonly NumberGoal[], figures: Figures, { defaultModel, isOurs }: Sides): NumberRow[] {
  return goals
    .filter(({ benchmark }) => figures[benchmark] !== undefined)
    .map((goal) => {
      const all = Object.entries(figures[goal.benchmark]!).flatMap(([contender, json]) => judge(goal, contender, json) ?? [])
      return {
        number: goal.name,
        must: goal.must,
        aim: goal.aim ?? null,
        default: all.find(({ contender }) => contender === defaultModel),
        best: bestOf(goal, all.filter(({ contender }) => isOurs(contender))),
        others: goal.comparesOthers === false ? undefined : bestOf(goal, all.filter(({ contender }) => !isOurs(contender))),
      }
    })
}

function judge(goal: NumberGoal, contender: string, json: object): Reached | undefined {
  const values = goal.paths.map((path) => numberAt(json, path))
  if (values.length === 0 || values.some((value) => value === undefined)) return undefined
  const value = Math.max(...(values as number[]))
  const other = goal.provided && numberAt(json, goal.provided.path)
  if (goal.provided !== undefined && other !== undefined && other >= goal.provided.below) {
    return { contender, figure: value, reaches: 'no', because: `${goal.provided.name} ${(100 * other).toFixed(1)} %` }
  }
  return { contender, figure: value, reaches: reachOf(goal, value) }
}

function reachOf(goal: NumberGoal, value: number): Reaches {
  if (goal.aim !== undefined && isWithin(goal, value, goal.aim)) return 'aim'
  return isWithin(goal, value, goal.must) ? 'must' : 'no'
}

function isWithin({ better, benchmark }: NumberGoal, value: number, limit: number): boolean {
  if (better === 'higher') return value >= limit
  // A cost is to be below its limit; the share of windows may be at it.
  if (better === 'lower') return benchmark === 'cost' ? value < limit : value <= limit
  return value <= limit && value >= 1 / limit
}

function bestOf(goal: NumberGoal, candidates: readonly Reached[]): Reached | undefined {
  return candidates.toSorted((a, b) => Number(a.because !== undefined) - Number(b.because !== undefined) || badness(goal, a.figure) - badness(goal, b.figure))[0]
}

function badness({ better }: NumberGoal, value: number): number {
  if (better === 'nearOne') return Math.abs(Math.log(value))
  return better === 'higher' ? -value : value
}

/** The number at the end of a path; undefined where there is none, or null. */
function numberAt(json: object, path: readonly string[]): number | undefined {
  const end = path.reduce<unknown>((at, member) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[member] : undefined), json)
  return typeof end === 'number' && !Number.isNaN(end) ? end : undefined
}
