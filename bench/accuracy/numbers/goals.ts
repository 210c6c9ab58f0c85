import { mostMicroseconds } from '../cost/benchmark.ts'
import type { BenchmarkName } from '../benchmark.ts'
import { faultKindsRun } from '../faults/run-fault.ts'
import { goal as faultGoal, goalNormalFlagged } from '../faults/summary.ts'
import { mostOff } from '../false-alarms/benchmark.ts'
import { normalKinds } from '../false-alarms/normal-readings.ts'
import { goal as nabGoal } from '../nab/benchmark.ts'
import { goal as skabGoal } from '../skab/benchmark.ts'

/** A number that the project has set itself, and where a contender's figure for it stands in the JSON. */
export interface NumberGoal {
  benchmark: BenchmarkName
  name: string
  must: number
  /** Undefined where there is nothing beyond `must`. */
  aim: number | undefined
  /** Which figures are good: high ones, low ones, or ratios near 1, where goals are how many times off they may be. */
  better: 'higher' | 'lower' | 'nearOne'
  /** Members from the contender's JSON to the figure, each path to one; of several the highest counts. Empty where it cannot be measured here. */
  paths: readonly (readonly string[])[]
  /** Another figure that has to stay below a limit, or the goal is not reached. */
  provided?: { path: readonly string[]; below: number; name: string }
  digits: number
  /** What figures are multiplied by to be printed, and what follows them. */
  scale?: number
  unit?: string
  /** False where the best of baselines and peers says nothing: who flags nothing has no false alarms. */
  comparesOthers?: false
}

const far = (path: readonly string[]): Required<Pick<NumberGoal, 'provided'>> => ({ provided: { path, below: skabGoal.falseAlarmRate, name: 'FAR' } })
const nab = { benchmark: 'nab', must: nabGoal, aim: 74, better: 'higher', digits: 1 } as const
const f1 = { benchmark: 'skab', must: skabGoal.f1, aim: 0.8, better: 'higher', digits: 3 } as const
const changepoint = { benchmark: 'skab', must: skabGoal.changepoint, aim: 32.5, better: 'higher', digits: 1 } as const

export const numberGoals: readonly NumberGoal[] = [
  { ...nab, name: 'NAB standard, one threshold for all', paths: [['standard']] },
  { ...nab, name: 'NAB standard, half B with A\'s threshold', paths: [['halves', 'heldBack']] },
  { ...nab, name: 'NAB standard, label-free', paths: [['labelFree']] },
  { ...nab, name: 'NAB standard, all 58 series', must: 58, aim: 70, paths: [] },
  { ...f1, name: 'SKAB F1, label-free, FAR < 27 %', paths: [['f1']], ...far(['far']) },
  { ...f1, name: 'SKAB F1, half B with A\'s threshold, FAR < 27 %', paths: [['halves', 'heldBack', 'f1']], ...far(['halves', 'heldBack', 'far']) },
  { ...changepoint, name: 'SKAB changepoint, label-free', paths: [['changepoint']] },
  { ...changepoint, name: 'SKAB changepoint, half B with A\'s threshold', paths: [['halves', 'heldBack', 'changepoint']] },
  ...(['C', 'D'] as const).flatMap((system): NumberGoal[] => [
    ...faultKindsRun.map((kind): NumberGoal => ({ benchmark: 'faults', name: `faults F1, system ${system}, ${kind}`, must: faultGoal[kind], aim: 0.98, better: 'higher', paths: [['systems', system, kind, 'f1']], digits: 3 })),
    {
      benchmark: 'faults', name: `faults, system ${system}, normal windows flagged`, must: goalNormalFlagged, aim: undefined, better: 'lower', paths: faultKindsRun.map((kind) => ['systems', system, kind, 'normalFlagged']),
      digits: 3, scale: 100, unit: ' %', comparesOthers: false,
    },
  ]),
  ...normalKinds.map((kind): NumberGoal => ({ benchmark: 'falseAlarms', name: `false alarms / asked, ${kind}`, must: mostOff, aim: 1.3, better: 'nearOne', paths: [[kind, 'ratio']], digits: 2 })),
  { benchmark: 'cost', name: 'us a window of six features', must: mostMicroseconds, aim: 1, better: 'lower', paths: [['microseconds']], digits: 2, comparesOthers: false },
]
