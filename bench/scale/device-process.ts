/**
 * A process that holds so many devices and tells what they cost, with no broker: bytes of records go through the partitions' topologies as
 * they do in the detector. Started by devices.ts, as a detector is and with --expose-gc.
 */
import { clearEffects, createFactories, noEffects, Tallies, Topology } from '@tidewatch/detector'
import { aConfig } from '@tidewatch/detector/testing'
import { cpuMs } from '../measuring.ts'
import { LaneFeed } from './lane-feed.ts'
import type { DeviceRow, DeviceStep } from './messages.ts'

const slideMs = 10_000
/** Micro-clusters learn 30 windows before they judge; a window is whole after six slides. */
const warmSlides = 38
/** Readings of a device in each slide while it is measured: system C has one a second. Before, one: a fleet warms up in a tenth of the time. */
const readingsPerSlide = 10
/** Measured over so many readings at least, */
const leastReadings = 2_000_000
/** and over a slide that is whole. */
const leastSlides = 2
/** Made ahead of being measured, so that making them is not. */
const portion = 20_000
/** The clock is read once in so many readings. */
const stretch = 50
/** More windows than this judged anomalous are not the steady state that is to be measured. */
const mostAnomalous = 0.03
const startMs = Date.UTC(2026, 0, 1)
const config = aConfig({
  window: { kind: 'sliding', sizeMs: 60_000, slideMs },
  // No count: it is ten times as large when it is measured as in the warm-up.
  features: ['mean', 'stddev', 'min', 'max', 'range', 'delta'],
  model: { kind: 'microClusters', parameters: {} },
  allowedLatenessMs: 2_000,
})

/** One process' partitions and the devices in them. */
class Fleet {
  readonly topologies: Topology[]
  readonly tallies = new Tallies()
  readonly #devices: number
  readonly #feeds: LaneFeed[]
  readonly #out = noEffects()
  /** The longest that a few readings took, with the windows that they closed, in ms. */
  longestMs = 0

  constructor(devices: number, partitions: number) {
    this.#devices = devices
    this.topologies = Array.from({ length: partitions }, (_, partition) => aTopology(partition, this.tallies))
    this.#feeds = this.topologies.map((_, partition) => new LaneFeed({ topic: config.topic, partition, most: Math.min(portion, Math.ceil(devices / partitions)) }))
  }

  /** Sends a slide's readings, each device's evenly spread over it. @returns the CPU time that taking them in took, in ms. */
  send(slide: number, perDevice: number): number {
    let tookMs = 0
    for (let round = 0; round < perDevice; round++) for (let partition = 0; partition < this.#feeds.length; partition++) tookMs += this.#sendRound(partition, startMs + (slide + round / perDevice) * slideMs, slideMs / perDevice)
    return tookMs
  }

  /** A reading of each device of a partition. */
  #sendRound(partition: number, fromMs: number, spanMs: number): number {
    const partitions = this.topologies.length
    const topology = this.topologies[partition]!
    const feed = this.#feeds[partition]!
    const out = this.#out
    const total = Math.ceil((this.#devices - partition) / partitions)
    let tookMs = 0
    for (let first = 0; first < total; first += portion) {
      feed.write(Math.min(portion, total - first), (i) => partition + (first + i) * partitions, (i) => Math.floor(fromMs + ((first + i) / total) * spanMs))
      const beganMs = cpuMs()
      let sinceMs = performance.now()
      for (let n = 1; feed.next(); n++) {
        topology.step(feed, feed.timestampMs, out)
        if (n % stretch !== 0) continue
        const nowMs = performance.now()
        if (nowMs - sinceMs > this.longestMs) this.longestMs = nowMs - sinceMs
        sinceMs = nowMs
      }
      tookMs += cpuMs() - beganMs
      clearEffects(out)
    }
    return tookMs
  }
}

const aTopology = (partition: number, tallies = new Tallies()): Topology => new Topology({ config, partition, tallies, ...createFactories(config) })

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
  for (let slide = 0; slide < readingsPerSlide; slide++) rehearsal.send(warmSlides + slide, readingsPerSlide)
  const before = readMemory()

  const fleet = new Fleet(devices, partitions)
  for (let slide = 0; slide < warmSlides; slide++) fleet.send(slide, 1)
  const { judged, anomalies } = fleet.tallies
  fleet.longestMs = 0
  const slides = Math.max(leastSlides, Math.ceil(leastReadings / (devices * readingsPerSlide)))
  let tookMs = 0
  for (let slide = 0; slide < slides; slide++) tookMs += fleet.send(warmSlides + slide, readingsPerSlide)
  const { longestMs } = fleet
  checkSteady(fleet.tallies.judged - judged, fleet.tallies.anomalies - anomalies, slides * devices)
  const after = readMemory()
  const checkpoints = fleet.topologies.map((topology, partition) => measureCheckpoint(topology, partition))
  const sum = (part: 'bytes' | 'writtenMs' | 'restoredMs') => checkpoints.reduce((total, one) => total + one[part], 0)
  return {
    devices,
    partitions,
    readingsPerCpuSecond: (slides * devices * readingsPerSlide * 1_000) / tookMs,
    longestStretchMs: longestMs,
    liveBytesPerDevice: (after.live - before.live) / devices,
    rssBytesPerDevice: (after.rss - before.rss) / devices,
    checkpointBytes: sum('bytes'),
    checkpointCpuMs: sum('writtenMs'),
    longestPieceMs: Math.max(...checkpoints.map(({ longestPieceMs }) => longestPieceMs)),
    restoreCpuMs: sum('restoredMs'),
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
  }
}

/** @throws Error where it was something else than the steady state that was measured. */
function checkSteady(judged: number, anomalies: number, expected: number): void {
  if (judged < expected * 0.99) throw new Error(`${judged} windows were judged while it was measured, not ${expected}`)
  if (anomalies > judged * mostAnomalous) throw new Error(`${anomalies} of ${judged} windows were anomalous while it was measured: that is not what a fleet is like`)
}

/** A full one of one partition, and a topology restored from it. */
function measureCheckpoint(topology: Topology, partition: number): { bytes: number; writtenMs: number; longestPieceMs: number; restoredMs: number } {
  const beganMs = cpuMs()
  const pieces: Uint8Array[] = []
  let longestPieceMs = 0
  let sinceMs = performance.now()
  for (const piece of topology.snapshotInSlices({ isFull: true })) {
    pieces.push(piece)
    const nowMs = performance.now()
    if (nowMs - sinceMs > longestPieceMs) longestPieceMs = nowMs - sinceMs
    sinceMs = nowMs
  }
  const writtenMs = cpuMs() - beganMs
  const snapshot = Buffer.concat(pieces)
  const restored = aTopology(partition)
  const restoreBeganMs = cpuMs()
  restored.restore(snapshot)
  const restoredMs = cpuMs() - restoreBeganMs
  if (restored.nextOffset !== topology.nextOffset) throw new Error(`Partition ${partition} was restored at offset ${restored.nextOffset}, not ${topology.nextOffset}`)
  return { bytes: snapshot.length, writtenMs, longestPieceMs, restoredMs }
}

// Only once it is sent: a process that ends may take its last words with it.
process.send!(measureDevices(JSON.parse(process.argv[2]!) as DeviceStep), () => process.disconnect())
