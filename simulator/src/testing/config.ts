import type { ResolvedFault, ResolvedSignal, SimulatorConfig } from '@tidewatch/api'
import { createSimulation, type Simulation } from '../scenario.ts'
import type { SimulatedRecord } from '../record.ts'

type Change = (config: SimulatorConfig) => void

/** Wednesday, 1 July 2026, noon UTC. */
export const noonMs = Date.UTC(2026, 6, 1, 12)

/** A signal without spread and waves, changed as asked. */
export function aSignal(changes: Partial<ResolvedSignal> = {}): ResolvedSignal {
  return { name: 'temperature', unit: '°C', base: 20, spread: 0, amplitude: 0, periodMs: 86_400_000, weeklyAmplitude: 0, noise: 1, decimals: 3, ...changes }
}

/** A fault on every device, from the start on, for the whole of the usual minute. */
export function aFault(kind: ResolvedFault['kind'], changes: Partial<ResolvedFault> = {}): ResolvedFault {
  return { kind, selector: { share: 1 }, startMs: 0, durationMs: 60_000, everyMs: undefined, magnitude: 8, ...changes }
}

/** Ten sensors that read once a second for a minute, changed as asked. */
export function aConfig(...changes: Change[]): SimulatorConfig {
  const config: SimulatorConfig = {
    fleet: { name: 'example', namespace: 'default' },
    topic: 'readings',
    format: { preset: 'SensorReading' },
    devices: { count: 10, idPattern: 'sensor_%06d' },
    profiles: [{ name: 'sensor', weight: 1, signals: [aSignal()], categories: [] }],
    faults: [],
    intervalMs: 1_000,
    jitter: 0.1,
    speed: 1,
    rampMs: 0,
    durationMs: 60_000,
    messages: undefined,
    seed: 1,
    shards: 1,
    compression: 'none',
    acks: 'all',
    batchSize: 1_000,
    lingerMs: 5,
    faultHeader: 'tidewatch-fault',
  }
  for (const change of changes) change(config)
  return config
}

/** The example with these faults. */
export const withFaults =
  (...faults: ResolvedFault[]): Change =>
  (config) => {
    config.faults = faults
  }

export const simulate = (config: SimulatorConfig, shard = 0, nowMs = noonMs): Simulation => createSimulation(config, { shard, nowMs })

export const recordsOf = (config: SimulatorConfig, shard = 0, nowMs = noonMs): SimulatedRecord[] => [...simulate(config, shard, nowMs)]

/** The number that a SensorReading holds. */
export const valueOf = ({ value }: SimulatedRecord): number => (JSON.parse(value) as { value: number }).value

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

export function deviation(numbers: readonly number[]): number {
  const middle = mean(numbers)
  return Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2)))
}

export function correlation(a: readonly number[], b: readonly number[]): number {
  const [middleA, middleB] = [mean(a), mean(b)]
  return mean(a.map((number, i) => (number - middleA) * (b[i]! - middleB))) / (deviation(a) * deviation(b))
}
