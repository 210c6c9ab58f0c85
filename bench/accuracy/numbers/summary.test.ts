import { expect, test } from 'vitest'
import type { NumberGoal } from './goals.ts'
import { numberGoals } from './goals.ts'
import { renderNumbers } from './render.ts'
import { summariseNumbers, type Figures } from './summary.ts'

const sides = { defaultModel: 'microClusters', isOurs: (name: string) => ['microClusters', 'seasonal', 'discord'].includes(name) }
const goal = (over: Partial<NumberGoal>): NumberGoal => ({ benchmark: 'nab', name: 'a number', must: 60, aim: 70, better: 'higher', paths: [['standard']], digits: 1, ...over })
const summarise = (one: NumberGoal, figures: Figures[string]) => summariseNumbers([one], { [one.benchmark]: figures }, sides)[0]!

test('the default model, the best of ours and the best of the others are told, with what each reaches', () => {
  expect(summarise(goal({}), { microClusters: { standard: 10 }, seasonal: { standard: 65 }, discord: { standard: 72 }, always: { standard: 0 }, 'HTM (published)': { standard: 70.6 } })).toEqual({
    number: 'a number',
    must: 60,
    aim: 70,
    default: { contender: 'microClusters', figure: 10, reaches: 'no' },
    best: { contender: 'discord', figure: 72, reaches: 'aim' },
    others: { contender: 'HTM (published)', figure: 70.6, reaches: 'aim' },
  })
})

test('a goal is reached at its limit', () => {
  const reaches = (standard: number) => summarise(goal({}), { seasonal: { standard } }).best!.reaches
  expect([59.9, 60, 69.9, 70].map(reaches)).toEqual(['no', 'must', 'must', 'aim'])
})

test('a cost has to be below its limit, a share may be at it', () => {
  const reaches = (benchmark: 'cost' | 'faults', value: number) =>
    summarise(goal({ benchmark, better: 'lower', must: 5, aim: undefined }), { seasonal: { standard: value } }).best!.reaches
  expect([reaches('cost', 5), reaches('cost', 4.9), reaches('faults', 5), reaches('faults', 5.1)]).toEqual(['no', 'must', 'must', 'no'])
})

test('of ratios that is best which is fewer times off, either way', () => {
  const ratio = goal({ benchmark: 'falseAlarms', better: 'nearOne', must: 2, aim: 1.3 })
  expect(summarise(ratio, { microClusters: { standard: 0.45 }, seasonal: { standard: 1.9 }, discord: { standard: 0.6 } })).toMatchObject({
    default: { figure: 0.45, reaches: 'no' },
    best: { contender: 'discord', reaches: 'must' },
  })
  expect(summarise(ratio, { discord: { standard: 0.77 } }).best!.reaches).toBe('aim')
})

test('of several figures the highest counts, and one that is missing leaves the contender out', () => {
  const worst = goal({ better: 'lower', must: 0.1, aim: undefined, paths: [['C', 'spike'], ['C', 'noise']] })
  expect(summarise(worst, { microClusters: { C: { spike: 0.05, noise: 0.2 } }, seasonal: { C: { spike: 0.01 } }, discord: { C: { spike: null, noise: 0 } } })).toMatchObject({
    default: { figure: 0.2, reaches: 'no' },
    best: { contender: 'microClusters' },
  })
})

test('who breaks what goes with a number does not reach it, and is best only among its like', () => {
  const f1 = goal({ must: 0.76, aim: 0.8, paths: [['f1']], provided: { path: ['far'], below: 0.27, name: 'FAR' } })
  const microClusters = { f1: 0.81, far: 0.27 }
  expect(summarise(f1, { microClusters, seasonal: { f1: 0.5, far: 0.1 } })).toMatchObject({
    default: { figure: 0.81, reaches: 'no', because: 'FAR 27.0 %' },
    best: { contender: 'seasonal', reaches: 'no' },
  })
  expect(summarise(f1, { microClusters }).best).toMatchObject({ contender: 'microClusters', because: 'FAR 27.0 %' })
})

test('only benchmarks that were run have rows, and what cannot be measured here has no figures', () => {
  expect(summariseNumbers(numberGoals, {}, sides)).toEqual([])
  const rows = summariseNumbers(numberGoals, { nab: { microClusters: { standard: 1, labelFree: null, halves: { heldBack: 2 } } } }, sides)
  expect(rows.map(({ number, must, default: own }) => [number, must, own?.figure])).toEqual([
    ['NAB standard, one threshold for all', 64, 1],
    ["NAB standard, half B with A's threshold", 64, 2],
    ['NAB standard, label-free', 64, undefined],
    ['NAB standard, all 58 series', 58, undefined],
  ])
})

test('every number of the goals has a name of its own, and a must that its aim goes beyond', () => {
  expect(new Set(numberGoals.map(({ name }) => name)).size).toBe(numberGoals.length)
  for (const { better, must, aim } of numberGoals) if (aim !== undefined) expect(better === 'higher' ? aim > must : aim < must).toBe(true)
})

test('the table marks what none of ours reaches', () => {
  const goals = [
    goal({ benchmark: 'skab', name: 'F1', must: 0.76, aim: 0.8, digits: 2, provided: { path: ['far'], below: 0.27, name: 'FAR' } }),
    goal({ benchmark: 'faults', name: 'flagged', better: 'lower', must: 0.001, aim: undefined, digits: 2, scale: 100, unit: ' %', comparesOthers: false }),
    goal({ benchmark: 'falseAlarms', name: 'rate', better: 'nearOne', must: 2, aim: 1.25, digits: 2 }),
  ]
  const figures = {
    skab: { microClusters: { standard: 0.8, far: 0.3 }, always: { standard: 0.7, far: 0.9 } },
    faults: { microClusters: { standard: 0.0005 }, always: { standard: 1 } },
    falseAlarms: { discord: { standard: 1.5 } },
  }
  const [, head, ...lines] = renderNumbers(summariseNumbers(goals, figures, sides), goals, 'microClusters').split('\n')
  expect([head, ...lines.slice(0, 3), lines.at(-1)]).toEqual([
    '  number             must           aim  default          reaches   best of ours  its figure          reaches  best of others  its figure',
    '* F1                 0.76          0.80     0.80  no (FAR 30.0 %)  microClusters        0.80  no (FAR 30.0 %)          always        0.70',
    '  flagged       <= 0.10 %             -   0.05 %             must  microClusters      0.05 %             must               -           -',
    '  rate       0.50 to 2.00  0.80 to 1.25        -                -        discord        1.50             must               -           -',
    '* below what it must reach: F1 (microClusters 0.80)',
  ])
})
