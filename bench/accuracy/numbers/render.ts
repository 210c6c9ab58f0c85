import { renderTable } from '../report.ts'
import type { NumberGoal } from './goals.ts'
import type { NumberRow, Reached } from './summary.ts'

const columns = ['must', 'aim', 'default', 'reaches', 'best of ours', 'its figure', 'reaches', 'best of others', 'its figure'] as const

/** The rows as a table like those of the benchmarks; who of ours reaches none of it is marked. @param goals of the rows, by name. */
export function renderNumbers(rows: readonly NumberRow[], goals: readonly NumberGoal[], defaultModel: string): string {
  const results = rows.map((row) => {
    const goal = goals.find(({ name }) => name === row.number)!
    const print = (value: number) => `${(value * (goal.scale ?? 1)).toFixed(goal.digits)}${goal.unit ?? ''}`
    const figureOf = (reached: Reached | undefined) => (reached === undefined ? '-' : print(reached.figure))
    const reachOf = (reached: Reached | undefined) => (reached === undefined ? '-' : `${reached.reaches}${reached.because === undefined ? '' : ` (${reached.because})`}`)
    return {
      contender: row.number,
      rows: [[
        limit(goal, row.must, print), row.aim === null ? '-' : limit(goal, row.aim, print),
        figureOf(row.default), reachOf(row.default), row.best?.contender ?? '-', figureOf(row.best), reachOf(row.best), row.others?.contender ?? '-', figureOf(row.others),
      ]],
      json: {},
      missed: row.best?.reaches === 'no' ? [`${row.best.contender} ${figureOf(row.best)}`] : [],
      details: [],
    }
  })
  return renderTable(
    {
      title: `Numbers: what was wanted, what the default model (${defaultModel}) reaches, and who of ours reaches most`,
      heading: 'number',
      columns,
      notes: [
        'reaches: aim, must or no. Each model with its defaults, one configuration for everything. A number that asks for something else too, such as FAR < 27 %, is not reached without it.',
        'Of ratios that is best which is nearest to 1, as many times above or below. of others: baselines, peers and published detectors; a dash where being best says nothing.',
        'All 58 series of NAB are not at hand: that number can only be had elsewhere.',
      ],
    },
    results,
  )
}

function limit({ better, benchmark }: NumberGoal, value: number, print: (value: number) => string): string {
  if (better === 'higher') return print(value)
  if (better === 'lower') return `${benchmark === 'cost' ? '<' : '<='} ${print(value)}`
  return `${(1 / value).toFixed(2)} to ${print(value)}`
}
