/**
 * How soon a verdict can be read, from the moment at which its reading is due:
 *
 *     npm run bench:latency -- [--rate 1000,10000,50000] [--delivery AtLeastOnce,ExactlyOnce] [--window none,sliding] [--seconds N] [--devices 10000] [--partitions 4]
 *                              [--json FILE] [--from FILE]... [--page FILE]
 *
 * A real broker, a detector, a load generator (open loop) and a reader, each a process of its own. --from takes rows of earlier runs (their --json) into the
 * table instead of measuring those again. --page puts the table into a page of the documentation, docs/reference/performance.md. The command fails (1) where
 * a number of the issue is missed, (2) where it cannot run.
 */
import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { withBroker } from './broker.ts'
import { findMissed, renderLatency, windowKinds, type Row } from './latency/report.ts'
import { measure, type Case } from './latency/run.ts'
import { describeMachine } from './machine.ts'
import { OptionInvalid, readCount, readCounts, readEarlier, readNames } from './options.ts'
import { writeSection } from './put-section.ts'
import { runCommand } from './run-command.ts'

/** Long enough for three ends of windows. */
const defaultSeconds = { none: 15, sliding: 30 }

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '1000,10000,50000' },
      delivery: { type: 'string', default: 'AtLeastOnce,ExactlyOnce' },
      window: { type: 'string', default: 'none,sliding' },
      seconds: { type: 'string' },
      devices: { type: 'string', default: '10000' },
      partitions: { type: 'string', default: '4' },
      json: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      page: { type: 'string' },
    },
  })
  if (values.json !== undefined) checkWritable(values.json)
  const cases = values.from.length > 0 ? [] : planCases(values)
  const rows = values.from.flatMap((file) => readEarlier<Row[]>('from', file, Array.isArray))
  if (cases.length > 0) await measureAll(cases, rows)
  if (values.json !== undefined) writeJson(values.json, rows)
  const table = renderLatency(rows, `${describeMachine()}\n${values.devices} devices, ${values.partitions} partitions, one detector process, model microClusters`)
  console.log(`\n${table}`)
  if (values.page !== undefined) writeSection(values.page, 'performance:latency', table)
  return findMissed(rows).length > 0 ? 1 : 0
}

/** @throws OptionInvalid before anything runs. */
function planCases(values: { rate: string; delivery: string; window: string; seconds?: string | undefined; devices: string; partitions: string }): Case[] {
  const rates = readCounts('rate', values.rate, { most: 1_000_000 })
  const deliveries = readNames('delivery', values.delivery, ['AtLeastOnce', 'ExactlyOnce'])
  const windows = readNames('window', values.window, windowKinds)
  const seconds = values.seconds === undefined ? undefined : readCount('seconds', values.seconds, { most: 3_600 })
  const devices = readCount('devices', values.devices, { most: 999_999 })
  const partitions = readCount('partitions', values.partitions, { most: 1_000 })
  if (devices % partitions !== 0) throw new OptionInvalid(`--devices ${devices} is no multiple of --partitions ${partitions}: each partition holds as many devices`)
  return windows.flatMap((window) => deliveries.flatMap((delivery) => rates.map((readingsPerSecond) => ({ delivery, window, readingsPerSecond, seconds: seconds ?? defaultSeconds[window], devices, partitions }))))
}

function measureAll(cases: readonly Case[], rows: Row[]): Promise<void> {
  return withBroker(async (broker) => {
    for (const one of cases) {
      process.stderr.write(`${one.window} ${one.delivery} ${one.readingsPerSecond}/s\n`)
      rows.push(await measure(one, broker))
    }
  })
}

await runCommand(main)
