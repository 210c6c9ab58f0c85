import { presets, type DetectorConfig } from '@tidewatch/api'
import { asFetched } from '@tidewatch/kafka/testing'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { createFactories } from '../factories.ts'
import { Tallies } from '../tallies.ts'
import { clearEffects, noEffects } from '../effects.ts'
import { Topology } from '../topology.ts'
import { aConfig } from './a-config.ts'

// How much heap one reading takes on its way from bytes to judged windows, in bytes: printed as JSON, to be run as a process of its own with a
// young generation that holds all of a round, so that no collection takes any of it away:
//
//     node --min-semi-space-size=64 --max-semi-space-size=64 detector/src/testing/count-allocations.ts

const startMs = Date.UTC(2026, 0, 1)
const devices = 100
/** Windows of 60 s by 10 s: models judge after thirty of them, and the compiler has seen enough by then. */
const warmUpS = 900
const rounds = 15
const roundS = 100

const cases: Record<string, Partial<DetectorConfig>> = {
  'long form, sliding windows': {},
  'wide form, tumbling windows': { reading: presets.DeviceHealth, deviceField: 'device_id', window: { kind: 'tumbling', sizeMs: 10_000 } },
}

/** The records of some seconds, one of each device a second. */
function recordsOf(topic: string, fromS: number, seconds: number, messageOf: (device: number, time: string) => string) {
  return Array.from({ length: seconds * devices }, (_, i) => {
    const timestampMs = startMs + fromS * 1_000 + i * (1_000 / devices)
    const value = Buffer.from(messageOf(i % devices, new Date(timestampMs).toISOString()))
    return { topic, partition: 0, offset: fromS * devices + i, timestampMs, key: null, value, headers: undefined }
  })
}

async function measure(given: Partial<DetectorConfig>): Promise<{ bytesPerReading: number; windowsJudged: number }> {
  const config = aConfig({ model: { kind: 'microClusters', parameters: {} }, ...given })
  const tallies = new Tallies()
  const topology = new Topology({ config, partition: 0, tallies, ...createFactories(config) })
  topology.start(0)
  const out = noEffects()
  const draw = mulberry32(5)
  const messageOf = (device: number, time: string): string => {
    const value = (20 + (device % 5) + gaussian(draw)).toFixed(2)
    return config.reading.metric !== undefined
      ? `{"sensor_id":"sensor_${device}","timestamp":"${time}","metric":"temperature","value":${value},"meta":{"unit":"°C"}}`
      : `{"device_id":"lock-${device}","reported_at":"${time}","battery_pct":${value},"signal_strength_dbm":-${value},"is_online":true}`
  }
  const takeIn = async (fromS: number, seconds: number): Promise<number> => {
    const records = recordsOf(config.topic, fromS, seconds, messageOf)
    const cursor = await asFetched(records)
    const nowMs = startMs + (fromS + seconds) * 1_000
    const before = process.memoryUsage().heapUsed
    while (cursor.next()) topology.step(cursor, nowMs, out)
    const taken = process.memoryUsage().heapUsed - before
    clearEffects(out)
    return taken / records.length
  }
  for (let second = 0; second < warmUpS; second += roundS) await takeIn(second, roundS)
  const judgedBefore = tallies.judged
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) taken.push(await takeIn(warmUpS + round * roundS, roundS))
  // The lower quartile: the compiler may still be at work in the first rounds, and a collection makes one or two too small.
  return { bytesPerReading: Math.round(taken.toSorted((a, b) => a - b)[rounds >> 2]!), windowsJudged: tallies.judged - judgedBefore }
}

const measured: Record<string, Awaited<ReturnType<typeof measure>>> = {}
for (const [name, given] of Object.entries(cases)) measured[name] = await measure(given)
console.log(JSON.stringify(measured))
