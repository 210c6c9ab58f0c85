import { fileURLToPath } from 'node:url'
import type { FaultKind } from '@tidewatch/api'
import { readSystem, type System } from './read-system.ts'

/** A system of the samples, made small enough to be run many times: what is sent and what detects. */
export interface Scenario extends System {
  system: 'C' | 'D'
  /** How long an incident of each kind lasts; the sample's own figures. */
  durationMs: Record<'spike' | 'drift' | 'stuck' | 'noise', number>
}

const minute = 60_000
const hour = 60 * minute

/** How much of a system is run. */
export interface Extent {
  /** Sensors of system C. */
  devices: number
  /** Of system D. */
  hours: number
}

/** Enough for a hundred incidents of a kind in a run; */
export const wholeExtent: Extent = { devices: 100, hours: 48 }
/** for about ten. */
export const smallExtent: Extent = { devices: 8, hours: 6 }

/** System C: windows of 60 s every 10 s over one reading a second, 100 of the sample's 10,000 sensors or fewer, two hours. */
export function systemC({ devices }: Pick<Extent, 'devices'> = wholeExtent): Scenario {
  const { fleet, pipeline } = readSample('sensors-10k')
  return {
    system: 'C',
    fleet: { ...fleet, devices: { count: devices, idPattern: 'sensor_%06d' }, durationMs: 2 * hour },
    pipeline,
    durationMs: { spike: minute / 3, drift: 10 * minute, stuck: 5 * minute, noise: 5 * minute },
  }
}

/** System D: windows of 60 s over a reading every 10 s, by device and metric, the sample's 11 devices, two days or less. */
export function systemD({ hours }: Pick<Extent, 'hours'> = wholeExtent): Scenario {
  const { fleet, pipeline } = readSample('hvac')
  return {
    system: 'D',
    fleet: { ...fleet, durationMs: hours * hour },
    pipeline,
    durationMs: { spike: minute / 2, drift: 40 * minute, stuck: 10 * minute, noise: 10 * minute },
  }
}

/** The scenario with one kind of fault, at its default magnitude, on a device with probability 1/4 in each period. */
export function withFault(scenario: Scenario, kind: keyof Scenario['durationMs'], seed: number, magnitude: number): Scenario {
  const everyMs = scenario.system === 'C' ? hour / 2 : 4 * hour
  const fault = {
    kind: kind satisfies FaultKind,
    selector: { probability: 0.25 },
    startMs: scenario.system === 'C' ? hour / 4 : hour,
    durationMs: scenario.durationMs[kind],
    everyMs,
    magnitude,
  }
  return { ...scenario, fleet: { ...scenario.fleet, seed, faults: [fault], speed: 1e6 } }
}

const readSample = (name: string): System => readSystem(fileURLToPath(new URL(`../config/samples/valid/${name}.yaml`, import.meta.url)))
