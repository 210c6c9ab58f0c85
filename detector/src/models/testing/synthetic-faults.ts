import { gaussian, hashString, mulberry32 } from '@tidewatch/kit'
import type { FeatureDescriptor, ModelFactory } from '../model.ts'

/** `single` is a spike of one reading; `none` a key without faults. */
export type FaultKind = 'none' | 'spike' | 'single' | 'drift' | 'stuck' | 'noise'
export const faultKinds: readonly FaultKind[] = ['none', 'spike', 'single', 'drift', 'stuck', 'noise']

/** How a system's keys are read and broken. Times in seconds, magnitudes in standard deviations of the noise. */
export interface System {
  name: string
  interval: number
  window: number
  slide: number
  hours: number
  /** Faults begin at `first` and every `every` after it. */
  first: number
  every: number
  duration: Record<FaultKind, number>
  magnitude: Record<FaultKind, number>
  /** Range of the season's amplitude, drawn for each key, and its period. */
  amplitude: readonly [number, number]
  period: number
  /** Metrics in a vector; the first is the one that breaks, all share 0.6 of their noise. */
  metrics: number
}

const day = 86_400

/** One reading a second, windows of 60 s that slide by 10 s; the first fault comes with the first score. */
export const systemC: System = {
  name: 'C', interval: 1, window: 60, slide: 10, hours: 4, first: 360, every: 1800,
  duration: { none: 0, spike: 20, single: 1, drift: 600, stuck: 300, noise: 300 },
  magnitude: { none: 0, spike: 8, single: 8, drift: 8, stuck: 1, noise: 5 },
  amplitude: [4, 10], period: day, metrics: 1,
}

/** One reading in ten seconds, windows of 60 s: six readings in each. */
export const systemD: System = {
  name: 'D', interval: 10, window: 60, slide: 60, hours: 24, first: 7200, every: 10_800,
  duration: { none: 0, spike: 30, single: 10, drift: 2400, stuck: 600, noise: 600 },
  magnitude: { none: 0, spike: 10, single: 8, drift: 10, stuck: 1, noise: 6 },
  amplitude: [2, 8], period: day, metrics: 1,
}

/** The same with a vector for each device: six features of four metrics, one of them broken. */
export const systemDByDevice: System = { ...systemD, name: 'D, 4 metrics', metrics: 4 }

const names = ['mean', 'stddev', 'min', 'max', 'count', 'range'] as const
const logs = new Set<string>(['stddev', 'count', 'range'])

export function featuresOf({ metrics }: System): FeatureDescriptor[] {
  return Array.from({ length: metrics }, (_, metric) =>
    names.map((name): FeatureDescriptor => ({ name: metrics === 1 ? name : `m${metric}.${name}`, scale: logs.has(name) ? 'log' : 'linear' })),
  ).flat()
}

/** One key's vectors in order, and for each the incident whose readings it holds, or -1. */
export interface Series {
  vectors: Float64Array[]
  incidents: Int32Array
}

/** A daily season at a random phase with gaussian noise, and one kind of fault again and again. */
export function makeSeries(system: System, kind: FaultKind, seed: number): Series {
  const uniform = mulberry32(hashString(`${system.name}/${kind}/${seed}`))
  const count = Math.floor((system.hours * 3600) / system.interval)
  const common = system.metrics === 1 ? undefined : Float64Array.from({ length: count }, () => gaussian(uniform))
  const incidentOf = new Int32Array(count).fill(-1)
  const metrics = Array.from({ length: system.metrics }, (_, metric) =>
    makeReadings(system, metric === 0 ? kind : 'none', uniform, common, metric === 0 ? incidentOf : undefined),
  )
  const perSlide = system.slide / system.interval
  const perWindow = system.window / system.interval
  const vectors: Float64Array[] = []
  const incidents: number[] = []
  for (let end = perWindow; end <= count; end += perSlide) {
    const x = new Float64Array(names.length * system.metrics)
    metrics.forEach((readings, metric) => x.set(summarise(readings, end - perWindow, end), metric * names.length))
    vectors.push(x)
    incidents.push(incidentOf.subarray(end - perWindow, end).reduce((a, b) => Math.max(a, b), -1))
  }
  return { vectors, incidents: Int32Array.from(incidents) }
}

function makeReadings(system: System, kind: FaultKind, uniform: () => number, common?: Float64Array, incidentOf?: Int32Array): Float64Array {
  const sd = 0.05 + uniform() * 3
  const base = (uniform() - 0.3) * 200
  const [least, most] = system.amplitude
  const amplitude = (least + uniform() * (most - least)) * sd
  const phase = uniform() * 2 * Math.PI
  let sign = 1
  let held = 0
  let incident = -1
  return Float64Array.from({ length: Math.floor((system.hours * 3600) / system.interval) }, (_, i) => {
    const t = i * system.interval
    const own = gaussian(uniform)
    const noise = sd * (common === undefined ? own : 0.6 * common[i]! + 0.8 * own)
    const normal = base + amplitude * Math.sin((2 * Math.PI * t) / system.period + phase)
    const into = (t - system.first) % system.every
    if (t < system.first || into >= system.duration[kind]) return normal + noise
    const now = Math.floor((t - system.first) / system.every)
    if (now !== incident) {
      incident = now
      sign = uniform() < 0.5 ? -1 : 1
      held = normal + noise
    }
    if (incidentOf !== undefined) incidentOf[i] = now
    const size = sign * system.magnitude[kind] * sd
    if (kind === 'stuck') return held
    if (kind === 'noise') return normal + noise * system.magnitude.noise
    return normal + noise + (kind === 'drift' ? (size * into) / system.duration.drift : size)
  })
}

function summarise(readings: Float64Array, from: number, to: number): number[] {
  let [sum, min, max] = [0, Infinity, -Infinity]
  for (let i = from; i < to; i++) {
    const v = readings[i]!
    sum += v
    if (v < min) min = v
    if (v > max) max = v
  }
  const count = to - from
  const mean = sum / count
  let squares = 0
  for (let i = from; i < to; i++) squares += (readings[i]! - mean) ** 2
  return [mean, Math.sqrt(squares / (count - 1)), min, max, count, max - min]
}

/** What came of judging some series. A window is one vector with a score. */
export interface Tally {
  incidents: number
  detected: number
  faultyWindows: number
  flaggedFaulty: number
  normalWindows: number
  flaggedNormal: number
  /** Windows from the first with a faulty reading to the first flagged, of the detected incidents, rising. */
  delays: number[]
  /** Of the windows right behind an incident's last, how many were flagged. */
  flaggedBehind: number
}

/** Scores and then learns each vector, as a pipeline does: 0.1 for what was anomalous. */
export function judge(factory: ModelFactory, features: readonly FeatureDescriptor[], series: Iterable<Series>, limit = 1): Tally {
  const tally: Tally = { incidents: 0, detected: 0, faultyWindows: 0, flaggedFaulty: 0, normalWindows: 0, flaggedNormal: 0, delays: [], flaggedBehind: 0 }
  for (const { vectors, incidents } of series) {
    const model = factory.create(features, 1)
    const started = new Map<number, number>()
    const found = new Set<number>()
    vectors.forEach((x, i) => {
      const incident = incidents[i]!
      const score = model.score(x)
      const flagged = score !== undefined && score.value > limit
      model.learn(x, flagged ? 0.1 : 1)
      if (incident !== -1 && !started.has(incident)) started.set(incident, i)
      if (score === undefined) return
      if (incident === -1) {
        tally.normalWindows++
        if (!flagged) return
        tally.flaggedNormal++
        if (i > 0 && incidents[i - 1] !== -1) tally.flaggedBehind++
        return
      }
      tally.faultyWindows++
      if (!flagged) return
      tally.flaggedFaulty++
      if (found.has(incident)) return
      found.add(incident)
      tally.delays.push(i - started.get(incident)!)
    })
    tally.incidents += started.size
    tally.detected += found.size
  }
  tally.delays.sort((a, b) => a - b)
  return tally
}
