import { checkReport, type ChaosReport } from './report.ts'

const format = (count: number): string => count.toLocaleString('en')

/** A report for people: one line for each figure. */
export function formatReport(report: ChaosReport): string {
  const { test, faults, outputs, hanging, secondsToNoLag, silenceSeconds, steps, bad, rebalances, ownExits, readings, seed, seconds, delivery } = report
  const wrong = checkReport(report)
  const rows: [string, string][] = [
    ['readings', `${format(readings)}, ${delivery}, seed ${seed}`],
    ['faults', Object.entries(faults).map(([kind, count]) => `${count} x ${kind}`).join(', ') || 'none'],
    ...(['verdicts', 'anomalies', 'deadLetters', 'late'] as const).map((name): [string, string] => {
      const { expected, lost, repeated, changed, unexpected } = outputs[name]
      return [name === 'deadLetters' ? 'dead letters' : name, `expected ${format(expected)}, lost ${lost}, repeated ${repeated}, changed ${changed}, unexpected ${unexpected}`]
    }),
    ['bad records', `${format(bad)}, dead letters ${format(outputs.deadLetters.found)}`],
    ['hanging transactions', String(hanging.length)],
    ['lag 0 after the last fault', secondsToNoLag === undefined ? 'never' : `${secondsToNoLag.toFixed(1)} s`],
    ['longest time without output', `${silenceSeconds.toFixed(1)} s in one partition`],
    ['rebalances', `${rebalances}; detectors that ended by themselves: ${ownExits}`],
    ...steps.map(({ step, silenceSeconds: silent, rebalances: count }): [string, string] => [`step ${step}`, `${silent.toFixed(1)} s without output, ${count} rebalances`]),
    ['took', `${seconds.toFixed(0)} s`],
    ...wrong.map((one): [string, string] => ['WRONG', one]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [`${test}: ${wrong.length === 0 ? 'kept' : 'BROKEN'}`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`), ''].join('\n')
}
