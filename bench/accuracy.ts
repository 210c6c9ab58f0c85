/**
 * Accuracy of every model beside trivial baselines and peers, on NAB, SKAB, simulated faults, normal data and a sample of flows, and what a window costs:
 *
 *     npm run bench:accuracy -- --data DIR [--model NAME]... [--benchmark nab|skab|faults|magnitudes|falseAlarms|flows|cost]... [--seeds N] [--no-peers]
 *                               [--details] [--json FILE] [--from FILE] [--page FILE]
 *
 * DIR holds nab/, skab/ and flows/; default: ../shared/data. --model names models, baselines or peers; default: all. One configuration for each
 * contender, no label in any parameter. Baselines, peers and slow models judge fewer of the simulated faults, and only models take part in falseAlarms: it is a
 * threshold of ours that is measured. At the end stands how far each number is reached that the project has set itself.
 *
 * --from takes what an earlier run has written with --json for whatever is not run this time. --page puts the tables into a page of the documentation,
 * docs/concepts/models.md. Who misses a goal is marked in the tables; the command fails (1) only when a floor of «faults» is broken by the default
 * model, or (2) when it cannot run.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { availableModels } from '@tidewatch/api'
import { checkWritable, writeJson } from '@tidewatch/cli'
import type { Result } from './accuracy/benchmark.ts'
import { chooseContenders } from './accuracy/choose.ts'
import { loadBenchmarks } from './accuracy/load-benchmarks.ts'
import { comparedModels } from './accuracy/models.ts'
import { numberGoals } from './accuracy/numbers/goals.ts'
import { mergeFigures, numbersKey, readEarlierRun } from './accuracy/numbers/merge.ts'
import { renderNumbers } from './accuracy/numbers/render.ts'
import { summariseNumbers, type Figures } from './accuracy/numbers/summary.ts'
import { putTable } from './accuracy/put-table.ts'
import { renderTable } from './accuracy/report.ts'
import { runCommand } from './run-command.ts'

const defaultFolder = fileURLToPath(new URL('../../shared/data', import.meta.url))

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: defaultFolder },
      model: { type: 'string', multiple: true },
      benchmark: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '3' },
      'no-peers': { type: 'boolean', default: false },
      details: { type: 'boolean', default: false },
      json: { type: 'string' },
      from: { type: 'string' },
      page: { type: 'string' },
    },
  })
  if (values.json !== undefined) checkWritable(values.json)
  const benchmarks = loadBenchmarks(values.data, values.benchmark, Number(values.seeds))
  const earlier = values.from === undefined ? {} : readEarlierRun(values.from)
  // Before an hour of work: a page without a place is refused here.
  if (values.page !== undefined) for (const name of [...benchmarks.map((one) => one.name), numbersKey]) putTable(readFileSync(values.page, 'utf8'), name, '')
  const participants = await chooseContenders(values.model, { withPeers: !values['no-peers'] })
  for (const { name, reason } of participants.absent) console.log(`${name} does not take part: ${reason}`)
  try {
    let figures: Figures = earlier
    const failures: string[] = []
    for (const benchmark of benchmarks) {
      const results: Result[] = []
      const references = values.model === undefined ? (benchmark.references ?? []) : []
      for (const contender of [...participants.contenders, ...references]) {
        if (benchmark.takes?.(contender, values.model !== undefined) === false) continue
        process.stderr.write(`${benchmark.name}: ${contender.name} ${contender.version}\n`)
        results.push(await benchmark.run(contender))
      }
      const table = renderTable(benchmark, results)
      console.log(`\n${table}`)
      if (values.page !== undefined) writeFileSync(values.page, putTable(readFileSync(values.page, 'utf8'), benchmark.name, table))
      if (values.details) for (const { contender, details } of results) console.log([`\n${contender}`, ...details].join('\n  '))
      figures = mergeFigures(figures, benchmark.name, results)
      failures.push(...results.flatMap((result) => result.failures ?? []))
      // After each table, so that a long run that is broken off leaves what it has.
      if (values.json !== undefined) writeJson(values.json, figures)
    }
    reportNumbers(figures, values)
    if (failures.length > 0) console.error(`\nBroken floors: ${failures.join('; ')}`)
    return failures.length > 0 ? 1 : 0
  } finally {
    await participants.close()
  }
}

/** The summary of everything that is known: printed, added to the JSON, and put into the page where no benchmark is missing. */
function reportNumbers(figures: Figures, { json, page }: { json?: string; page?: string }): void {
  const defaultModel = availableModels[0]
  const rows = summariseNumbers(numberGoals, figures, { defaultModel, isOurs: (contender) => comparedModels.some((name) => name === contender) })
  if (rows.length === 0) return
  const table = renderNumbers(rows, numberGoals, defaultModel)
  console.log(`\n${table}`)
  if (json !== undefined) writeJson(json, { ...figures, [numbersKey]: Object.fromEntries(rows.map(({ number, ...row }) => [number, row])) })
  if (page === undefined) return
  if (rows.length === numberGoals.length) writeFileSync(page, putTable(readFileSync(page, 'utf8'), numbersKey, table))
  else console.error('The summary is not put into the page: that takes every benchmark with a goal, in this run or with --from in an earlier one')
}

await runCommand(main)
