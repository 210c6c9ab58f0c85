import { parseArgs } from 'node:util'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { createFactories, Tallies, Topology, noEffects } from '@tidewatch/detector'
import { aConfig } from '@tidewatch/detector/testing'
import type { DetectorConfig } from '@tidewatch/api'

// What a snapshot of one partition costs: `node bench/checkpoint.ts --devices 10000`.

const { values: given } = parseArgs({ options: { devices: { type: 'string', default: '10000' }, windows: { type: 'string', default: '70' } } })
const devices = Number(given.devices)
const windows = Number(given.windows)
const startMs = Date.UTC(2026, 0, 1)

/** So long the partition may stand still. */
const limitMs = 50

const cases: [string, Partial<DetectorConfig>][] = [
  ['microClusters, tumbling 60 s', { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'tumbling', sizeMs: 60_000 } }],
  ['microClusters, sliding 60 s by 10 s', { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 } }],
  ['robustZScore, tumbling 60 s', { model: { kind: 'robustZScore', parameters: {} }, window: { kind: 'tumbling', sizeMs: 60_000 } }],
  ['microClusters, sessions', { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'session', gapMs: 5_000, maxDurationMs: 3_600_000 } }],
]

/** A partition whose models are past their warm-up, with windows open. */
function aTopology(config: DetectorConfig): Topology {
  const topology = new Topology({ config, partition: 0, tallies: new Tallies(), ...createFactories(config) })
  const draw = mulberry32(1)
  const out = noEffects()
  const stepMs = config.window.kind === 'sliding' ? config.window.slideMs : 60_000
  let offset = 0
  for (let window = 0; window < windows; window++) {
    for (let reading = 0; reading < 3; reading++) {
      const timestampMs = startMs + window * stepMs + reading * 2_000
      const timestamp = new Date(timestampMs).toISOString()
      for (let device = 0; device < devices; device++) {
        const value = Buffer.from(`{"sensor_id":"sensor-${device}","timestamp":"${timestamp}","metric":"temperature","value":${20 + gaussian(draw)}}`)
        topology.step({ topic: config.topic, partition: 0, offset: offset++, timestampMs, key: null, value, headers: undefined }, timestampMs, out)
      }
    }
    out.verdicts.length = 0
    out.judged.length = 0
  }
  return topology
}

console.log(`${devices} devices, ${windows} windows each; times in ms, medians of 15 (the least beside it: other work on the machine does not make it longer)\n`)
console.log('case                                     MiB  bytes/device  blocked  least  longest slice  restored')
for (const [name, given] of cases) {
  const config = aConfig({ ...given, warmUp: 30 })
  const topology = aTopology(config)
  const totals: number[] = []
  const slices: number[] = []
  const restores: number[] = []
  let bytes = 0
  for (let run = 0; run < 15; run++) {
    const pieces: Uint8Array[] = []
    const beganAt = performance.now()
    let at = beganAt
    let longest = 0
    for (const piece of topology.snapshotInSlices()) {
      pieces.push(piece)
      longest = Math.max(longest, performance.now() - at)
      at = performance.now()
    }
    totals.push(performance.now() - beganAt)
    slices.push(longest)
    const snapshot = Buffer.concat(pieces)
    bytes = snapshot.length
    const again = new Topology({ config, partition: 0, tallies: new Tallies(), ...createFactories(config) })
    const restoredAt = performance.now()
    again.restore(snapshot)
    restores.push(performance.now() - restoredAt)
  }
  const [blocked, slice, restored] = [totals, slices, restores].map((times) => times.sort((a, b) => a - b)[7]!)
  const least = totals[0]!
  console.log(
    `${name.padEnd(38)} ${(bytes / 2 ** 20).toFixed(1).padStart(5)}  ${Math.round(bytes / devices).toString().padStart(12)}  ${blocked!.toFixed(1).padStart(7)}  ${least.toFixed(1).padStart(5)}  ${slice!.toFixed(1).padStart(13)}  ${restored!.toFixed(1).padStart(8)}`,
  )
  if (least > limitMs) process.exitCode = 1
}
