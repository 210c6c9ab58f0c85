/**
 * A process that holds so many devices and tells what they cost, with no broker: bytes of records go through the partitions' topologies as
 * they do in the detector. Started with --expose-gc by devices.ts.
 */
import { clearEffects, createFactories, noEffects, Tallies, Topology } from '@tidewatch/detector'
import { aConfig } from '@tidewatch/detector/testing'
import { viewOf, type RecordView } from '@tidewatch/kafka'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import type { DeviceRow, DeviceStep } from './messages.ts'

const slideMs = 10_000
/** Micro-clusters learn 30 windows before they judge; a window is whole after six slides. */
const warmSlides = 38
/** Readings of a device in each slide while it is measured: system C has one a second. */
const readingsPerSlide = 10
/** Measured over so many readings at least. */
const leastReadings = 2_000_000
/** Made ahead of being measured, so that making them is not. */
const chunk = 20_000
const startMs = Date.UTC(2026, 0, 1)
const config = aConfig({ window: { kind: 'sliding', sizeMs: 60_000, slideMs }, model: { kind: 'microClusters', parameters: {} }, allowedLatenessMs: 2_000 })

/** One process' partitions and the devices in them. */
class Fleet {
  readonly topologies: Topology[]
  readonly #devices: number
  readonly #draw = mulberry32(1)
  readonly #out = noEffects()
  /** Of each partition, the offset of the next record that is made. */
  readonly #offsets: number[]

  constructor(devices: number, partitions: number) {
    this.#devices = devices
    this.topologies = Array.from({ length: partitions }, (_, partition) => aTopology(partition))
    this.#offsets = this.topologies.map(() => 0)
  }

  /** Sends a slide's readings, each device's spread over it. @returns the CPU time that taking them in took, in ms. */
  send(slide: number, perDevice: number): number {
    const total = this.#devices * perDevice
    let tookMs = 0
    for (let from = 0; from < total; from += chunk) {
      const records = Array.from({ length: Math.min(chunk, total - from) }, (_, i) => this.#makeRecord(slide, from + i, total))
      const beganMs = cpuMs()
      for (const record of records) this.topologies[record.partition]!.step(record, record.timestampMs, this.#out)
      tookMs += cpuMs() - beganMs
      clearEffects(this.#out)
    }
    return tookMs
  }

  #makeRecord(slide: number, n: number, total: number): RecordView {
    const device = n % this.#devices
    const timestampMs = startMs + slide * slideMs + Math.floor((n / total) * slideMs)
    const value = Buffer.from(`{"sensor_id":"sensor_${String(device).padStart(7, '0')}","timestamp":"${new Date(timestampMs).toISOString()}","metric":"temperature","value":${(22 + 0.4 * gaussian(this.#draw)).toFixed(3)}}`)
    const partition = device % this.topologies.length
    return viewOf({ topic: config.topic, partition, offset: this.#offsets[partition]!++, timestampMs, key: null, value, headers: undefined })
  }
}

const aTopology = (partition: number): Topology => new Topology({ config, partition, tallies: new Tallies(), ...createFactories(config) })

/** CPU time of this thread in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function readMemory(): { live: number; rss: number } {
  globalThis.gc!()
  globalThis.gc!()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { live: heapUsed + external, rss }
}

function measureDevices({ devices, partitions }: DeviceStep): DeviceRow {
  // What is compiled and cached on the way belongs to no device.
  const rehearsal = new Fleet(1_000, partitions)
  for (let slide = 0; slide < warmSlides; slide++) rehearsal.send(slide, 1)
  const before = readMemory()

  const fleet = new Fleet(devices, partitions)
  for (let slide = 0; slide < warmSlides; slide++) fleet.send(slide, 1)
  const slides = Math.max(1, Math.ceil(leastReadings / (devices * readingsPerSlide)))
  let tookMs = 0
  for (let slide = 0; slide < slides; slide++) tookMs += fleet.send(warmSlides + slide, readingsPerSlide)
  const after = readMemory()
  const checkpoints = fleet.topologies.map((topology, partition) => measureCheckpoint(topology, partition))
  const sum = (part: 'bytes' | 'writtenMs' | 'restoredMs') => checkpoints.reduce((total, one) => total + one[part], 0)
  return {
    devices,
    partitions,
    readingsPerCpuSecond: (slides * devices * readingsPerSlide * 1_000) / tookMs,
    liveBytesPerDevice: (after.live - before.live) / devices,
    rssBytesPerDevice: (after.rss - before.rss) / devices,
    checkpointBytes: sum('bytes'),
    checkpointCpuMs: sum('writtenMs'),
    restoreCpuMs: sum('restoredMs'),
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
  }
}

/** A full one of one partition, and a topology restored from it. */
function measureCheckpoint(topology: Topology, partition: number): { bytes: number; writtenMs: number; restoredMs: number } {
  const beganMs = cpuMs()
  const pieces = [...topology.snapshotInSlices({ isFull: true })]
  const writtenMs = cpuMs() - beganMs
  const snapshot = Buffer.concat(pieces)
  const restored = aTopology(partition)
  const restoreBeganMs = cpuMs()
  restored.restore(snapshot)
  const restoredMs = cpuMs() - restoreBeganMs
  if (restored.nextOffset !== topology.nextOffset) throw new Error(`Partition ${partition} was restored at offset ${restored.nextOffset}, not ${topology.nextOffset}`)
  return { bytes: snapshot.length, writtenMs, restoredMs }
}

// Only once it is sent: a process that ends may take its last words with it.
process.send!(measureDevices(JSON.parse(process.argv[2]!) as DeviceStep), () => process.disconnect())
