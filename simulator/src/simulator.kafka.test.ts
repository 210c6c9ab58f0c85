import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SimulatorConfig } from '@tidewatch/api'
import { createRecordSink, createRecordSource, createTopicAdmin, type KafkaRecord, type TopicAdmin } from '@tidewatch/kafka'
import { readRecords, testBroker, testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger, parseMetrics } from '@tidewatch/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSimulation } from './runner.ts'
import type { SimulationReport } from './runner.ts'
import { aConfig, noonMs, recordsOf } from './testing/config.ts'
import { readSampleFleets } from './testing/sample.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-simulator-'))
let admin: TopicAdmin

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(async () => {
  await admin.close()
  rmSync(folder, { recursive: true })
})

async function aTopic(partitions: number): Promise<string> {
  const name = uniqueName('simulator')
  await admin.ensureTopics([{ name, partitions }])
  return name
}

async function readAll(topic: string, count: number): Promise<KafkaRecord[]> {
  const source = createRecordSource({ connection: testConnection(), log, topic, groupId: uniqueName('group') })
  try {
    return await readRecords(source, count)
  } finally {
    await source.close()
  }
}

/** The fleet of hvac.yaml: its first `hours`, in about a second each. */
function hvac(topic: string, hours: number): SimulatorConfig {
  const [fleet] = readSampleFleets('hvac')
  return { ...fleet!, topic, durationMs: hours * 3_600_000, speed: 3_600 }
}

test('the fleet of hvac.yaml arrives complete, lz4, in order for each device, its faults labelled', async () => {
  const topic = await aTopic(4)
  const config = hvac(topic, 3)
  const sink = createRecordSink({ connection: testConnection(), log, compression: config.compression })
  const report = await runSimulation({ config, sink })
  await sink.close()
  const expected = recordsOf(config, 0, noonMs).length
  expect(report).toMatchObject({ sent: expected, sendErrors: 0 })

  const records = await readAll(topic, expected)
  expect(records).toHaveLength(expected)
  const partitions = new Map<string, Set<number>>()
  const lastTime = new Map<string, string>()
  const injected: Record<string, number> = {}
  for (const { key, value, headers, partition, timestampMs } of records) {
    const message = JSON.parse(String(value)) as { device_id: string; timestamp: string; metric_name: string }
    expect(message.device_id).toBe(String(key))
    partitions.set(message.device_id, (partitions.get(message.device_id) ?? new Set()).add(partition))
    expect(message.timestamp >= (lastTime.get(message.device_id) ?? '')).toBe(true)
    lastTime.set(message.device_id, message.timestamp)
    // CreateTime is the moment of sending, whatever the payload says.
    expect(Date.now() - timestampMs).toBeLessThan(120_000)
    const label = headers?.['tidewatch-fault']
    if (label !== undefined) injected[String(label)] = (injected[String(label)] ?? 0) + 1
  }
  expect(partitions.size).toBe(11)
  for (const own of partitions.values()) expect(own.size).toBe(1)
  expect(injected).toEqual(report.injected)
  expect(Object.keys(injected).toSorted()).toEqual(['noise', 'spike', 'stuck'])
})

describe('the process', () => {
  /** Starts it; `port` resolves when it serves. */
  function start(config: SimulatorConfig, name: string, given: Record<string, string> = {}) {
    const configFile = join(folder, `${name}.json`)
    const reportFile = join(folder, `${name}-report.json`)
    writeFileSync(configFile, JSON.stringify(config))
    const environment = { TIDEWATCH_CONFIG_FILE: configFile, TIDEWATCH_KAFKA_BROKERS: testBroker(), TIDEWATCH_PORT: '0', TIDEWATCH_REPORT_FILE: reportFile, ...given }
    const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    const { promise: port, resolve: resolvePort } = Promise.withResolvers<number>()
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
      const served = /"port":(\d+),"msg":"Serving metrics and probes"/.exec(output)?.[1]
      if (served !== undefined) resolvePort(Number(served))
    })
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
    return { child, port, exit, output: () => output, report: () => JSON.parse(readFileSync(reportFile, 'utf8')) as SimulationReport }
  }

  test('ends by itself with 0 and a report when its messages are sent', async () => {
    const topic = await aTopic(2)
    const { exit, report, output } = start(
      aConfig((config) => Object.assign(config, { topic, durationMs: undefined, messages: 5_000, speed: 10_000 })),
      'messages',
    )
    expect(await exit, output()).toBe(0)
    expect(report()).toMatchObject({ sent: 5_000, sendErrors: 0, injected: {} })
    expect(await readAll(topic, 5_000)).toHaveLength(5_000)
  })

  test('of each shard sends its own devices: together every reading once, and each ends with 0', async () => {
    const topic = await aTopic(3)
    const fleet = (shards: number) => aConfig((config) => Object.assign(config, { topic, shards, durationMs: 600_000, speed: 600 }))
    const processes = [0, 1, 2].map((shard) => start(fleet(3), `shard-${shard}`, { TIDEWATCH_SHARD: String(shard) }))
    for (const { exit, output } of processes) expect(await exit, output()).toBe(0)

    // The readings are those that one process would send: the same devices, each with as many, none twice.
    const expected = Map.groupBy(recordsOf(fleet(1), 0, noonMs), ({ key }) => String(key))
    const total = [...expected.values()].reduce((sum, own) => sum + own.length, 0)
    expect(processes.reduce((sum, { report }) => sum + report().sent, 0)).toBe(total)
    for (const { report } of processes) expect(report().sent).toBeGreaterThan(0)
    const records = await readAll(topic, total)
    const arrived = Map.groupBy(records, ({ key }) => String(key))
    expect(new Map([...arrived].map(([device, own]) => [device, own.length]))).toEqual(new Map([...expected].map(([device, own]) => [device, own.length])))
    for (const own of arrived.values()) {
      const times = own.map(({ value }) => (JSON.parse(String(value)) as { timestamp: string }).timestamp)
      expect(times).toEqual([...new Set(times)].sort())
    }
    const ends = await admin.readOffsets(topic)
    expect(ends.reduce((sum, { logEndOffset }) => sum + logEndOffset, 0)).toBe(total)
  })

  test('whose report cannot be written says so, and has not failed', async () => {
    const topic = await aTopic(1)
    const { exit, output } = start(aConfig((config) => Object.assign(config, { topic, durationMs: undefined, messages: 100, speed: 10_000 })), 'unreported', {
      TIDEWATCH_REPORT_FILE: folder,
    })
    expect(await exit, output()).toBe(0)
    expect(output()).toContain('Failed to write the report')
  })

  test('serves metrics and probes, and ends in order on SIGTERM', async () => {
    const topic = await aTopic(2)
    const { child, port, exit, report, output } = start(
      aConfig((config) => Object.assign(config, { topic, durationMs: undefined, intervalMs: 100 })),
      'sigterm',
    )
    const address = `http://127.0.0.1:${await port}`
    const deadlineMs = Date.now() + 30_000
    while (!(await fetch(`${address}/readyz`)).ok && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 100))
    const samples = parseMetrics(await (await fetch(`${address}/metrics`)).text())
    const valueOf = (name: string) => samples.find((sample) => sample.name === name)?.value
    expect(valueOf('tidewatch_simulator_records_sent_total')).toBeGreaterThan(0)
    expect(valueOf('tidewatch_simulator_active_devices')).toBe(10)

    child.kill('SIGTERM')
    // Not 0: a Job would take the shard for complete.
    expect(await exit, output()).toBe(143)
    const { sent } = report()
    expect(sent).toBeGreaterThan(50)
    const ends = await admin.readOffsets(topic)
    expect(ends.reduce((sum, { logEndOffset }) => sum + logEndOffset, 0)).toBe(sent)
  })

  test('ends with 1 and says so where there is no such topic', async () => {
    const { exit, output, report } = start(aConfig((config) => (config.topic = uniqueName('missing'))), 'missing')
    expect(await exit).toBe(1)
    expect(output()).toContain('"level":"fatal"')
    expect(output()).toContain('There is no topic')
    expect(report()).toMatchObject({ sent: 0, error: expect.stringContaining('There is no topic') })
  })
})
