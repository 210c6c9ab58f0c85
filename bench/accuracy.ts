/**
 * Accuracy of every model beside trivial baselines and peers, on NAB, SKAB, simulated faults, normal data and a sample of flows:
 *
 *     npm run bench:accuracy -- --data DIR [--model NAME]... [--benchmark nab|skab|faults|falseAlarms|flows|cost]... [--seeds N] [--no-peers] [--peers-on-faults]
 *                               [--details] [--json FILE] [--page FILE]
 *
 * --page puts the tables into a page of the documentation, docs/concepts/models.md.
 * DIR holds nab/, skab/ and flows/; default: ../shared/data. --model names models, baselines or peers; default: all. One configuration for each
 * contender, no label in any parameter. Peers sit out the faults unless asked: that is half a million windows a seed, an hour for the slowest. Only
 * models take part in falseAlarms: it is a threshold of ours that is measured. Who misses a goal is marked in the tables; the command fails (1) only
 * when a floor of «faults» is broken by the default model, or (2) when it cannot run.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { DataFolderInvalid, type Benchmark, type Result } from './accuracy/benchmark.ts'
import { chooseContenders } from './accuracy/choose.ts'
import type { Contender } from './accuracy/contender.ts'
import { costBenchmark } from './accuracy/cost/benchmark.ts'
import { falseAlarmsBenchmark } from './accuracy/false-alarms/benchmark.ts'
import { faultsBenchmark } from './accuracy/faults/benchmark.ts'
import { flowsBenchmark } from './accuracy/flows/benchmark.ts'
import { nabBenchmark } from './accuracy/nab/benchmark.ts'
import { putTable } from './accuracy/put-table.ts'
import { renderTable } from './accuracy/report.ts'
import { skabBenchmark } from './accuracy/skab/benchmark.ts'
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
      'peers-on-faults': { type: 'boolean', default: false },
      details: { type: 'boolean', default: false },
      json: { type: 'string' },
      page: { type: 'string' },
    },
  })
  if (values.json !== undefined) checkWritable(values.json)
  const benchmarks = loadBenchmarks(values.data, values.benchmark, Number(values.seeds))
  const participants = await chooseContenders(values.model, { withPeers: !values['no-peers'] })
  for (const { name, reason } of participants.absent) console.log(`${name} does not take part: ${reason}`)
  try {
    const json: Record<string, Record<string, object>> = {}
    const failures: string[] = []
    for (const benchmark of benchmarks) {
      const results: Result[] = []
      const sitsOut = ({ kind }: Contender) =>
        (benchmark.name === 'faults' && kind === 'peer' && !values['peers-on-faults']) || (benchmark.name === 'falseAlarms' && kind !== 'model')
      const references = values.model === undefined ? (benchmark.references ?? []) : []
      for (const contender of [...participants.contenders, ...references]) {
        if (sitsOut(contender)) continue
        process.stderr.write(`${benchmark.name}: ${contender.name} ${contender.version}\n`)
        results.push(await benchmark.run(contender))
      }
      const table = renderTable(benchmark, results)
      console.log(`\n${table}`)
      if (values.page !== undefined) writeFileSync(values.page, putTable(readFileSync(values.page, 'utf8'), benchmark.name, table))
      if (values.details) for (const { contender, details } of results) console.log([`\n${contender}`, ...details].join('\n  '))
      json[benchmark.name] = Object.fromEntries(results.map((result) => [result.contender, result.json]))
      failures.push(...results.flatMap((result) => result.failures ?? []))
      // After each table, so that a long run that is broken off leaves what it has.
      if (values.json !== undefined) writeJson(values.json, json)
    }
    if (failures.length > 0) console.error(`\nBroken floors: ${failures.join('; ')}`)
    return failures.length > 0 ? 1 : 0
  } finally {
    await participants.close()
  }
}

/** @throws DataFolderInvalid before anything runs. */
function loadBenchmarks(folder: string, names: readonly string[] | undefined, seeds: number): Benchmark[] {
  const known = {
    nab: () => nabBenchmark(folder),
    skab: () => skabBenchmark(folder),
    faults: () => faultsBenchmark({ seeds }),
    falseAlarms: () => falseAlarmsBenchmark({ seeds }),
    flows: () => flowsBenchmark(folder),
    cost: () => costBenchmark(),
  }
  const simulated = ['faults', 'falseAlarms', 'cost']
  const chosen = names ?? Object.keys(known)
  const unknown = chosen.find((name) => !(name in known))
  if (unknown !== undefined) throw new DataFolderInvalid(`There is no benchmark "${unknown}": name ${Object.keys(known).join(', ')}`)
  if (!Number.isInteger(seeds) || seeds < 1) throw new DataFolderInvalid('--seeds is a whole number from 1 on')
  if (chosen.some((name) => !simulated.includes(name)) && !existsSync(folder)) {
    throw new DataFolderInvalid(`There is no folder ${folder}: name the one that holds nab/, skab/ and flows/ with --data, or run only what is simulated with --benchmark faults, falseAlarms or cost`)
  }
  return chosen.map((name) => known[name as keyof typeof known]())
}

await runCommand(main)
