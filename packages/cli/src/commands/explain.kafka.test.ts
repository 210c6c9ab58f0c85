import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseManifest, planTopics, resolvePipeline, type DetectionPipeline, type DetectorConfig } from '@tidewatch/api'
import { DetectorHarness } from '@tidewatch/detector/testing'
import type { KafkaRecord, OutputRecord } from '@tidewatch/kafka'
import { kafkaTool, testBroker, uniqueName } from '@tidewatch/kafka/testing'
import { mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { recordingTerminal } from '../testing/lines.ts'
import { explain } from './explain.ts'

const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-explain-'))
const kafka = new DetectorHarness(testBroker())
afterEach(() => kafka.kill())
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await kafka.close()
})

const manifestText = (name: string, warmUp = 8): string => `apiVersion: tidewatch.dev/v1alpha1
kind: DetectionPipeline
metadata: { name: ${name} }
spec:
  kafka: { bootstrapServers: "${testBroker()}" }
  source: { topic: { name: ${name}, partitions: 1 }, preset: SensorReading }
  groupBy: DeviceAndMetric
  window: { tumbling: { size: 10s }, allowedLateness: 0s, idleTimeout: 24h }
  detector: { robustZScore: {}, warmUp: ${warmUp} }
  checkpoint: { interval: 1s }
`

const write = (file: string, text: string): string => {
  writeFileSync(join(folder, file), text)
  return join(folder, file)
}

/** Readings of three devices, second by second; now and then one is far off for a whole window. */
function readings(topic: string, from: number, to: number): OutputRecord[] {
  const records: OutputRecord[] = []
  for (let second = from; second < to; second++) {
    for (let d = 0; d < 3; d++) {
      const draw = mulberry32(second * 8 + d)
      const isOff = Math.floor(second / 10) % 13 === 12 && d === Math.floor(second / 130) % 3
      const timestamp = new Date(startMs + second * 1_000).toISOString()
      records.push({ topic, partition: 0, key: `d${d}`, value: JSON.stringify({ sensor_id: `d${d}`, timestamp, metric: 't', value: 20 + draw() + (isOff ? 30 : 0) }) })
    }
  }
  return records
}

/** A detector works through a part of a recording and ends in order. */
async function detect(config: DetectorConfig, from: number, to: number): Promise<void> {
  await kafka.sink.send(readings(config.topic, from, to))
  const child = kafka.start(config)
  await kafka.until('all is committed', () => kafka.isDone(config))
  expect(await child.signal('SIGTERM')).toBe(0)
}

async function aRun(): Promise<{ manifest: string; config: DetectorConfig; anomalies: KafkaRecord[] }> {
  const name = uniqueName('explain')
  const manifest = write(`${name}.yaml`, manifestText(name))
  const parsed = parseManifest(parse(manifestText(name)))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const pipeline = parsed.manifest as DetectionPipeline
  const config = resolvePipeline(pipeline)
  await kafka.admin.ensureTopics(planTopics(pipeline).map(({ name: topic, partitions, config: own }) => ({ name: topic, partitions, config: own })))
  await detect(config, 0, 600)
  await detect(config, 600, 1_000)
  const anomalies = await kafka.readAll(config.outputs.anomalies)
  expect(anomalies.length).toBeGreaterThan(2)
  return { manifest, config, anomalies }
}

const idOf = ({ value }: KafkaRecord) => (JSON.parse(String(value)) as { id: string }).id

async function run(manifest: string, id: string, json = false): Promise<{ code: number; text: string; complaints: string[] }> {
  const terminal = recordingTerminal()
  const code = await explain({ id, files: [manifest], pipeline: undefined, brokers: undefined, json }, { terminal, settings: { cacheDir: undefined, logLevel: 'info' } })
  return { code, text: terminal.written.join('\n'), complaints: terminal.complaints }
}

/** Deletes the records before an offset, as retention would. */
async function deleteBefore(topic: string, offset: number): Promise<void> {
  const file = write(`${topic}.json`, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset }] }))
  const { exitCode, stderr } = await kafkaTool('org.apache.kafka.tools.DeleteRecordsCommand', ['--bootstrap-server', testBroker(), '--offset-json-file', file])
  if (exitCode !== 0) throw new Error(stderr)
}

test('an anomaly of a real detector is reproduced to the bit, whole log or checkpoint; without its records it is not, and that is said', async () => {
  const { manifest, config, anomalies } = await aRun()
  const latest = anomalies.at(-1)!
  for (const anomaly of anomalies) {
    const { code, text, complaints } = await run(manifest, idOf(anomaly))
    expect({ code, complaints, isProved: text.includes('reproduced to the bit: yes') }, text).toEqual({ code: 0, complaints: [], isProved: true })
  }
  const { text } = await run(manifest, idOf(latest), true)
  const written = JSON.parse(String(latest.value)) as { anomaly_score: number; offsets: { first: number; last: number } }
  const json = JSON.parse(text) as { score: unknown; replayed: { readings: unknown[]; verdict: unknown; closedBy: { offset: number } }; replayedFrom: { kind: string; offset: number } }
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(written.anomaly_score)
  const score = { value: written.anomaly_score, bits: bits.toString('hex') }
  expect(json.score).toEqual({ written: score, replayed: score })
  expect(json.replayed.verdict).toEqual(written)
  expect(json.replayed.readings).toEqual([expect.objectContaining({ metric: 't', count: 10, firstOffset: written.offsets.first, lastOffset: written.offsets.last })])
  expect(json.replayed.closedBy.offset).toBeGreaterThan(written.offsets.last)

  // Another configuration: the checkpoint of then tells.
  const changed = await run(write('changed.yaml', manifestText(config.pipeline.name, 9)), idOf(latest))
  expect(changed.code).toBe(2)
  expect(changed.text).toContain('cannot be proved: ConfigurationChanged')
  expect(changed.text).toContain('was taken with another warmUp')

  // The beginning of the log is gone: what has a checkpoint before it is proved all the same, the rest is not.
  await deleteBefore(config.topic, 1_800)
  const restored = await run(manifest, idOf(latest))
  expect(restored.code, restored.text).toBe(0)
  expect(restored.text).toContain('from the checkpoint at offset 1800 on')
  const gone = await run(manifest, idOf(anomalies[0]!))
  expect(gone.code).toBe(2)
  expect(gone.text).toContain('cannot be proved: RecordsGone')
  expect(gone.text).toMatch(new RegExp(`The verdict was computed from records \\d+ to \\d+ of ${config.topic}/0, and the log begins at 1800: the others are gone`))
})

test('what cannot be asked is said in a sentence, and the exit code is 2', async () => {
  const name = uniqueName('nobody')
  const manifest = write('nobody.yaml', manifestText(name))
  const unknown = await run(manifest, 'ffff')
  expect(unknown.code).toBe(2)
  expect(unknown.text).toContain(`None of the 0 records on ${name}-anomalies has the id ffff`)
  const missing = await run(join(folder, 'nothing.yaml'), 'ffff')
  expect(missing).toEqual({ code: 2, text: '', complaints: [`error: ${join(folder, 'nothing.yaml')}: no such file or folder`] })
})
