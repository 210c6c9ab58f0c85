import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { DetectorConfig } from '@tidewatch/api'
import { clearEffects, createFactories, noEffects, Tallies, Topology } from '@tidewatch/detector'
import { aConfig } from '@tidewatch/detector/testing'
import { viewOf } from '@tidewatch/kafka'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describePieces } from '../detector/src/snapshot/header.ts'
import { computeMostChanged } from '../detector/src/state/chain.ts'
import { cpuMs, median } from './measuring.ts'

// What a checkpoint of one partition costs.
//
//     node bench/checkpoint.ts --devices 1000,10000      how long a partition stops for one, and how long it takes to write and to restore
//     node bench/checkpoint.ts --savings                 what is written for fleets that report more or less often, increments and full ones

const { values: given } = parseArgs({
  options: { devices: { type: 'string', default: '10000' }, cases: { type: 'string', default: 'tumbling,sliding,robust,sessions' }, savings: { type: 'boolean', default: false }, runs: { type: 'string', default: '9' } },
})
const startMs = Date.UTC(2026, 0, 1)

/** So long the partition may stand still. */
const limitMs = 50
/** Windows after which models are warming up still, and after which they are warm. */
const phases = { 'warming up': 12, warm: 48 }
const warmUp = 30

const cases: Record<string, Partial<DetectorConfig>> = {
  tumbling: { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'tumbling', sizeMs: 60_000 } },
  sliding: { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 } },
  robust: { model: { kind: 'robustZScore', parameters: {} }, window: { kind: 'tumbling', sizeMs: 60_000 } },
  sessions: { model: { kind: 'microClusters', parameters: {} }, window: { kind: 'session', gapMs: 5_000, maxDurationMs: 3_600_000 } },
}

/** One partition and its devices. */
class Fleet {
  readonly config: DetectorConfig
  readonly topology: Topology
  readonly #draw = mulberry32(1)
  readonly #out = noEffects()

  constructor(config: DetectorConfig) {
    this.config = config
    this.topology = aTopology(config)
  }

  send(device: number, timestampMs: number): void {
    const { topology, config } = this
    const value = Buffer.from(`{"sensor_id":"sensor-${device}","timestamp":"${new Date(timestampMs).toISOString()}","metric":"temperature","value":${20 + gaussian(this.#draw)}}`)
    topology.step(viewOf({ topic: config.topic, partition: 0, offset: topology.nextOffset, timestampMs, key: null, value, headers: undefined }), timestampMs, this.#out)
    clearEffects(this.#out)
  }
}

const aTopology = (config: DetectorConfig): Topology => new Topology({ config, partition: 0, tallies: new Tallies(), ...createFactories(config) })

const bytesOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0)
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

/** The yardstick: how fast this machine is at this moment, in ms of CPU and of the clock. */
function hash(): string {
  const bytes = Buffer.alloc(64 * 2 ** 20)
  const [beganAt, beganCpu] = [performance.now(), cpuMs()]
  createHash('sha256').update(bytes).digest()
  return `${(cpuMs() - beganCpu).toFixed(0)}/${(performance.now() - beganAt).toFixed(0)}`
}

/** Takes a snapshot while the partition goes on, as the runner does: a slice, then records for a while. */
function measure(fleet: Fleet, sendNext: () => void): { cut: number; slice: number; record: number; written: number; pieces: Uint8Array[] } {
  const pieces: Uint8Array[] = []
  const beganAt = cpuMs()
  const slices = fleet.topology.snapshotInSlices({ isFull: true })
  const cut = cpuMs() - beganAt
  let [slice, record, written] = [0, 0, cut]
  for (;;) {
    const sliceAt = cpuMs()
    const { value, done } = slices.next()
    const took = cpuMs() - sliceAt
    slice = Math.max(slice, took)
    written += took
    if (done === true) return { cut, slice, record, written, pieces }
    pieces.push(value)
    for (let i = 0; i < 200; i++) {
      const recordAt = cpuMs()
      sendNext()
      record = Math.max(record, cpuMs() - recordAt)
    }
  }
}

function reportPauses(): void {
  const devicesOf = given.devices.split(',').map(Number)
  console.log(`Stops of one partition in ms of CPU, medians of ${given.runs} (and the longest of all). cut: where the snapshot is made; slice: a piece of it is written, records are taken in before and after;`)
  console.log('record: one that was taken in meanwhile, with writing its device first. hash: SHA-256 of 64 MiB before and after, CPU/clock.\n')
  console.log('devices  case      models       MiB  bytes/device   cut (max)      slice (max)    record (max)   written  restored  hash')
  for (const devices of devicesOf) {
    for (const name of given.cases.split(',')) {
      const fleet = new Fleet(aConfig({ ...cases[name], warmUp }))
      const stepMs = name === 'sliding' ? 10_000 : 60_000
      let window = 0
      for (const [phase, until] of Object.entries(phases)) {
        for (; window < until; window++) {
          for (const atMs of [0, 3_000]) for (let device = 0; device < devices; device++) fleet.send(device, startMs + window * stepMs + atMs)
        }
        reportPhase(fleet, { devices, name, phase, atMs: startMs + window * stepMs - stepMs + 3_500 })
      }
    }
  }
}

function reportPhase(fleet: Fleet, { devices, name, phase, atMs }: { devices: number; name: string; phase: string; atMs: number }): void {
  let next = 0
  // From the last one back: those are written last.
  const sendNext = () => fleet.send(devices - 1 - (next++ % devices), atMs)
  const hashBefore = hash()
  const runs = Array.from({ length: Number(given.runs) }, () => measure(fleet, sendNext))
  const { pieces } = runs.at(-1)!
  const restored = [1, 2, 3].map(() => {
    const topology = aTopology(fleet.config)
    const snapshot = Buffer.concat(pieces)
    const beganAt = cpuMs()
    topology.restore(snapshot)
    return cpuMs() - beganAt
  })
  const told = (part: 'cut' | 'slice' | 'record') => `${median(runs.map((run) => run[part])).toFixed(1)} (${Math.max(...runs.map((run) => run[part])).toFixed(1)})`.padEnd(13)
  const bytes = bytesOf(pieces)
  console.log(
    `${String(devices).padStart(7)}  ${name.padEnd(8)}  ${phase.padEnd(10)}  ${mib(bytes).padStart(5)}  ${String(Math.round(bytes / devices)).padStart(12)}   ${told('cut')}  ${told('slice')}  ${told('record')}  ` +
      `${median(runs.map(({ written }) => written)).toFixed(0).padStart(7)}  ${median(restored).toFixed(0).padStart(8)}  ${hashBefore} ${hash()}`,
  )
  if (median(runs.map(({ cut, slice }) => Math.max(cut, slice))) > limitMs) process.exitCode = 1
}

/** What is written of one fleet in half an hour, a checkpoint every 10 s of event time. */
function reportSavings(devices: number, periodMs: number, activeShare: number): void {
  const fleet = new Fleet(aConfig({ ...cases['tumbling'], warmUp }))
  const active = Math.round(devices * activeShare)
  const intervalMs = 10_000
  const perInterval = (active * intervalMs) / periodMs
  const order = Array.from({ length: active }, (_, i) => i)
  const draw = mulberry32(5)
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  // All are known and warm.
  for (let window = 0; window < phases.warm; window++) for (let device = 0; device < devices; device++) fleet.send(device, startMs + window * 60_000)
  const beganMs = startMs + phases.warm * 60_000
  let [written, increments, full, sent] = [0, 0, 0, 0]
  let chain = { increments: 0, fullBytes: 1, incrementBytes: 0 }
  for (let checkpoint = 0; checkpoint < 180; checkpoint++) {
    for (; sent < (checkpoint + 1) * perInterval; sent++) fleet.send(order[sent % active]!, beganMs + Math.floor((sent / perInterval) * intervalMs))
    const pieces = [...fleet.topology.snapshotInSlices()]
    const bytes = bytesOf(pieces)
    const { isIncrement, trailer } = describePieces(pieces)
    chain = isIncrement ? { ...chain, increments: chain.increments + 1, incrementBytes: chain.incrementBytes + bytes } : { increments: 0, fullBytes: bytes, incrementBytes: 0 }
    fleet.topology.followWith(trailer, computeMostChanged(chain))
    written += bytes
    if (isIncrement) increments++
    else full++
  }
  const always = 180 * chain.fullBytes
  console.log(`${String(devices).padStart(7)}  ${`${periodMs / 1_000} s`.padStart(8)}  ${`${activeShare * 100} %`.padStart(6)}  ${String(full).padStart(5)}  ${String(increments).padStart(10)}  ${mib(written).padStart(11)}  ${mib(always).padStart(16)}  ${((100 * written) / always).toFixed(0).padStart(5)} %`)
}

if (given.savings) {
  console.log('180 checkpoints, one every 10 s; tumbling windows of 60 s, microClusters\n')
  console.log('devices  a reading  active   full  increments  MiB written  MiB if all full  share')
  for (const devices of given.devices.split(',').map(Number)) {
    for (const [periodMs, activeShare] of [[5_000, 1], [60_000, 1], [300_000, 1], [900_000, 1], [5_000, 0.1], [5_000, 0.01]] as const) reportSavings(devices, periodMs, activeShare)
  }
} else reportPauses()
