/**
 * What devices and partitions cost, and how fast a simulator sends:
 *
 *     npm run bench:scale -- [--devices 1000,10000,100000,1000000] [--partitions 1,4,16,64] [--only devices|partitions|simulator] [--readings 600000] [--records 3000000] [--json FILE] [--from FILE]... [--page FILE]
 *
 * Devices: one process for each step holds them, with no broker (bytes of records in, effects out). Partitions: a real broker and one detector process for each
 * step. Simulator: one process sends to a real broker. --from takes earlier runs (their --json) instead of measuring. --page puts the tables into a page of the documentation, docs/reference/performance.md,
 * and the curves beside it, scale.svg. The command fails (1) where a number of the issue is missed, (2) where it cannot run.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { withBroker } from './broker.ts'
import { describeMachine } from './machine.ts'
import { readCount, readCounts, readEarlier, readNames } from './options.ts'
import { writeSection } from './put-section.ts'
import { runCommand } from './run-command.ts'
import { measureDevices } from './scale/devices.ts'
import type { ScaleResult } from './scale/messages.ts'
import { measurePartitions } from './scale/partitions.ts'
import { drawScale, findMissed, renderScale } from './scale/report.ts'
import { measureSimulator } from './scale/simulator.ts'

const parts = ['devices', 'partitions', 'simulator'] as const

/** Partitions of the one process that holds devices. */
const partitionsOfDevices = 8
/** A multiple of all usual numbers of partitions. */
const devicesOfPartitions = 10_048

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      devices: { type: 'string', default: '1000,10000,100000,1000000' },
      partitions: { type: 'string', default: '1,4,16,64' },
      only: { type: 'string', default: parts.join(',') },
      readings: { type: 'string', default: '600000' },
      records: { type: 'string', default: '3000000' },
      json: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      page: { type: 'string' },
    },
  })
  if (values.json !== undefined) checkWritable(values.json)
  const devices = readCounts('devices', values.devices, { least: partitionsOfDevices, most: 9_999_999 })
  const partitions = readCounts('partitions', values.partitions, { most: 1_000 })
  const only = readNames('only', values.only, parts)
  const readings = readCount('readings', values.readings)
  const records = readCount('records', values.records)
  const result = joinResults(values.from.map((file) => readEarlier<ScaleResult>('from', file, isResult)))
  if (values.from.length === 0) {
    for (const count of only.includes('devices') ? devices : []) {
      process.stderr.write(`${count} devices\n`)
      result.devices.push(await measureDevices({ devices: count, partitions: partitionsOfDevices }))
    }
    if (only.includes('partitions')) await measureAllPartitions(partitions, readings, result)
    if (only.includes('simulator')) {
      process.stderr.write('a simulator\n')
      result.simulator.push(await withBroker((broker) => measureSimulator(records, broker)))
    }
  }
  if (values.json !== undefined) writeJson(values.json, result)
  const table = renderScale(result, describeMachine())
  console.log(`\n${table}`)
  if (values.page !== undefined) {
    writeSection(values.page, 'performance:scale', table)
    const svg = drawScale(result)
    if (svg !== undefined) writeFileSync(join(dirname(values.page), 'scale.svg'), svg)
  }
  return findMissed(result).length > 0 ? 1 : 0
}

function measureAllPartitions(partitions: readonly number[], readings: number, result: ScaleResult): Promise<void> {
  return withBroker(async (broker) => {
    for (const count of partitions) {
      process.stderr.write(`${count} partitions\n`)
      result.partitions.push(await measurePartitions({ partitions: count, readings, devices: devicesOfPartitions }, broker))
    }
  })
}

const isResult = (content: unknown): boolean => {
  const { devices, partitions, simulator } = (content ?? {}) as Partial<ScaleResult>
  return [devices, partitions, simulator].every(Array.isArray)
}

function joinResults(results: readonly ScaleResult[]): ScaleResult {
  return {
    devices: results.flatMap(({ devices }) => devices).sort((a, b) => a.devices - b.devices),
    partitions: results.flatMap(({ partitions }) => partitions).sort((a, b) => a.partitions - b.partitions),
    simulator: results.flatMap(({ simulator }) => simulator),
  }
}

await runCommand(main)
