import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { parseArgs } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { clearEffects, createFactories, noEffects, Tallies, Topology, type Effects } from '@tidewatch/detector'
import { verdictRecords } from '../detector/src/sinks/output-records.ts'
import { FetchedBatch } from '../packages/kafka/src/library/fetched-batch.ts'
import { readHeads, writeBatch, type WritableRecord } from '../packages/kafka/src/library/record-batch.ts'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { readSystem } from './read-system.ts'

// The way of a reading through one detector, without Kafka: bytes of a fetch -> records -> readings -> windows -> models -> bytes of verdicts.
//
//     node bench/hot-path.ts                                    system C, sliding windows of 60 s by 10 s, every window's verdict written
//     node bench/hot-path.ts --anomalies-only                   as its manifest has it: verdicts of anomalies alone
//     node bench/hot-path.ts --profile out/hot.cpuprofile       with a profile of the measured part

const { values: given } = parseArgs({
  options: {
    devices: { type: 'string', default: '10000' },
    partitions: { type: 'string', default: '8' },
    /** Seconds of event time, before and while it is measured. */
    'warm-up': { type: 'string', default: '400' },
    seconds: { type: 'string', default: '120' },
    'anomalies-only': { type: 'boolean', default: false },
    /** Prints a digest of all verdicts: two versions must agree on it. */
    digest: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const devices = Number(given.devices)
const partitions = Number(given.partitions)
const { pipeline } = readSystem('config/samples/valid/sensors-10k.yaml')
const config = given['anomalies-only'] ? pipeline : { ...pipeline, outputs: { ...pipeline.outputs, scores: 'scores' } }
const startMs = Date.UTC(2026, 0, 1)
/** About what one fetch brings of a partition at most. */
const fetchedRecords = 6_000

/** One input partition and what is sent to it. */
interface Lane {
  topology: Topology
  out: Effects
  devices: number[]
  offset: number
}

const draw = mulberry32(7)
const factories = createFactories(config)
const tallies = new Tallies()
const lanes = Array.from({ length: partitions }, (_, partition): Lane => {
  const topology = new Topology({ config, partition, tallies, ...factories })
  topology.start(0)
  return { topology, out: noEffects(), devices: Array.from({ length: devices }, (_, i) => i).filter((i) => i % partitions === partition), offset: 0 }
})

const messageOf = (device: number, timeMs: number): string =>
  `{"sensor_id":"sensor_${String(device).padStart(6, '0')}","timestamp":"${new Date(timeMs).toISOString()}","metric":"temperature",` +
  `"value":${(22 + (device % 7) + 4 * Math.sin(timeMs / 13_750_987) + 0.4 * gaussian(draw)).toFixed(2)},"meta":{"unit":"°C","location":"hall-${device % 40}"}}`

/** What some seconds bring to one partition, as a broker keeps it. */
async function write(lane: Lane, from: number, seconds: number): Promise<Buffer> {
  const records: WritableRecord[] = []
  for (let second = from; second < from + seconds; second++) {
    for (let i = 0; i < lane.devices.length; i++) {
      const timestampMs = startMs + second * 1_000 + Math.floor((i * 1_000) / lane.devices.length)
      const key = `sensor_${String(lane.devices[i]).padStart(6, '0')}`
      const value = messageOf(lane.devices[i]!, timestampMs)
      records.push({ key, value, keyBytes: key.length, valueBytes: Buffer.byteLength(value), timestampMs })
    }
  }
  const data = await writeBatch(records, { compression: 0, compress: async (bytes) => bytes, isTransactional: false, producerId: -1n, producerEpoch: 0, baseSequence: 0 })
  data.writeBigInt64BE(BigInt(lane.offset), 0)
  lane.offset += records.length
  return data
}

/** Heap that each fetch took, in bytes a record; a collection of garbage in between makes one useless, not the median. */
const heapTaken: number[] = []
/** Milliseconds by part of the way. */
const spent = { step: 0, output: 0 }
const digest = createHash('sha256')
let written = 0
let readings = 0

/** What the runner and the delivery do with a fetch, but for Kafka. */
function takeIn(lane: Lane, partition: number, data: Buffer): void {
  const { topology, out } = lane
  const heapBefore = getHeapStatistics().used_heap_size
  const beganAt = performance.now()
  const heads = readHeads(data)
  const batch = new FetchedBatch(config.topic, String(heads[0]!.baseOffset), { partition, highWatermark: String(lane.offset), abortedTransactions: [], messages: heads })
  const record = batch.cursor()
  const nowMs = heads.at(-1)!.maxTimeMs + 1_000
  while (record.next()) topology.step(record, nowMs, out)
  const steppedAt = performance.now()
  for (const { key, value } of verdictRecords(out.verdicts, config)) {
    written += (key?.length ?? 0) + (value?.length ?? 0)
    if (given.digest) digest.update(value ?? '')
  }
  clearEffects(out)
  spent.step += steppedAt - beganAt
  spent.output += performance.now() - steppedAt
  readings += batch.messages.length
  heapTaken.push((getHeapStatistics().used_heap_size - heapBefore) / batch.messages.length)
}

/** Seconds of event time in one fetch. */
const portion = Math.max(1, Math.floor((fetchedRecords * partitions) / devices))

async function prepare(fromSecond: number, seconds: number): Promise<{ partition: number; data: Buffer }[]> {
  const fetches = []
  for (let second = fromSecond; second < fromSecond + seconds; second += portion) {
    for (const [partition, lane] of lanes.entries()) fetches.push({ partition, data: await write(lane, second, Math.min(portion, fromSecond + seconds - second)) })
  }
  return fetches
}

const warmUp = Number(given['warm-up'])
const seconds = Number(given.seconds)
for (let second = 0; second < warmUp; second += 20) {
  for (const { partition, data } of await prepare(second, Math.min(20, warmUp - second))) takeIn(lanes[partition]!, partition, data)
}
const fetches = await prepare(warmUp, seconds)
Object.assign(spent, { step: 0, output: 0 })
readings = written = heapTaken.length = 0
const before = { judged: tallies.judged, anomalies: tallies.anomalies }

const session = new Session()
session.connect()
if (given.profile !== undefined) {
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: 200 })
  session.post('Profiler.start')
}
const cpuAt = process.threadCpuUsage()
const wallAt = performance.now()
for (const { partition, data } of fetches) takeIn(lanes[partition]!, partition, data)
const wallMs = performance.now() - wallAt
const cpu = process.threadCpuUsage(cpuAt)
if (given.profile !== undefined) {
  const file = given.profile
  session.post('Profiler.stop', (error, { profile }) => {
    if (error !== null) throw error
    writeFileSync(file, JSON.stringify(profile))
  })
}

const perReading = (ms: number): string => `${((ms * 1e6) / readings).toFixed(0)} ns`
const cpuMs = (cpu.user + cpu.system) / 1_000
console.log(`readings ${readings}   windows judged ${tallies.judged - before.judged}   anomalies ${tallies.anomalies - before.anomalies}   verdict bytes ${written}   rss ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`)
console.log(`${Math.round((readings / wallMs) * 1_000).toLocaleString('en')} readings/s   ${Math.round((readings / cpuMs) * 1_000).toLocaleString('en')} readings per CPU second of its thread`)
console.log(`decode and step ${perReading(spent.step)}   output ${perReading(spent.output)}   a reading`)
console.log(`${heapTaken.toSorted((a, b) => a - b)[heapTaken.length >> 1]!.toFixed(0)} bytes of heap a reading, median of ${heapTaken.length} fetches`)
if (given.digest) console.log(`digest of all verdicts: ${digest.digest('hex')}`)
