import type { ResolvedFault, SimulatorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig, aFault, aSignal, noonMs, recordsOf, withFaults } from '../testing/config.ts'

const hour = 3_600_000

/** 400 devices that read every half minute for two hours. */
const large = (config: SimulatorConfig) => {
  config.devices = { count: 400, idPattern: '%d' }
  config.intervalMs = 30_000
  config.durationMs = 2 * hour
}

/** The incidents of each device: first and last labelled reading, by device. */
function incidentsOf(fault: ResolvedFault, ...changes: ((config: SimulatorConfig) => void)[]): Map<string, { startMs: number; endMs: number }[]> {
  const incidents = new Map<string, { startMs: number; endMs: number }[]>()
  for (const { key, dueMs, fault: label } of recordsOf(aConfig(large, withFaults(fault), ...changes))) {
    if (label === undefined) continue
    const own = incidents.get(key) ?? []
    const last = own.at(-1)
    if (last !== undefined && dueMs - last.endMs < 45_000) last.endMs = dueMs
    else own.push({ startMs: dueMs, endMs: dueMs })
    incidents.set(key, own)
  }
  return incidents
}

describe('devices', () => {
  test('fail all together, at each repetition\'s start', () => {
    const incidents = incidentsOf(aFault('stuck', { selector: { devices: ['7', '300'] }, startMs: 600_000, durationMs: 300_000, everyMs: hour }))
    expect([...incidents.keys()].toSorted()).toEqual(['300', '7'])
    for (const own of incidents.values()) {
      expect(own).toHaveLength(2)
      own.forEach(({ startMs, endMs }, repetition) => {
        expect(startMs - (noonMs + 600_000 + repetition * hour)).toBeLessThan(31_000)
        expect(endMs).toBeLessThan(noonMs + 900_000 + repetition * hour)
        expect(endMs - startMs).toBeGreaterThan(230_000)
      })
    }
  })

  test('fail once where the fault does not repeat', () => {
    const incidents = incidentsOf(aFault('stuck', { selector: { devices: ['7'] }, startMs: hour, durationMs: 300_000 }))
    expect(incidents.get('7')).toHaveLength(1)
  })
})

describe('share', () => {
  test.each([
    [0.05, 20],
    [0.0001, 1],
    [1, 400],
  ])('%d of 400 is %i, the same at each repetition', (share, count) => {
    const incidents = incidentsOf(aFault('stuck', { selector: { share }, durationMs: 120_000, everyMs: hour }))
    expect(incidents.size).toBe(count)
    for (const own of incidents.values()) expect(own).toHaveLength(2)
  })

  test('depends on the seed', () => {
    const fault = aFault('stuck', { selector: { share: 0.05 } })
    const keys = (seed: number) => [...incidentsOf(fault, (config) => (config.seed = seed)).keys()]
    expect(keys(1)).toEqual(keys(1))
    expect(keys(1)).not.toEqual(keys(2))
  })

  test('is chosen among the devices that have the signal', () => {
    const config = aConfig(large, withFaults(aFault('stuck', { selector: { share: 0.1, signals: ['b'] } })), (c) => {
      c.profiles = ['a', 'b'].map((name) => ({ name, weight: 1, signals: [aSignal({ name })], categories: [] }))
    })
    const faulty = new Set(recordsOf(config).filter(({ fault }) => fault !== undefined).map(({ key }) => key))
    expect(faulty.size).toBe(20)
  })
})

describe('probability', () => {
  const fault = aFault('stuck', { selector: { probability: 0.2 }, startMs: 360_000, durationMs: 300_000, everyMs: 1_800_000 })

  test('strikes each device and repetition apart, somewhere inside the repetition', () => {
    const all = [...incidentsOf(fault, (config) => (config.durationMs = 360_000 + 4 * 1_800_000)).values()].flat()
    expect(Math.abs(all.length - 0.2 * 4 * 400)).toBeLessThan(60)
    const offsets = all.map(({ startMs }) => (startMs - noonMs - 360_000) % 1_800_000)
    expect(Math.min(...offsets)).toBeLessThan(90_000)
    expect(Math.max(...offsets)).toBeGreaterThan(1_400_000)
    expect(Math.max(...offsets)).toBeLessThan(1_500_000 + 31_000)
    for (const { startMs, endMs } of all) expect(endMs - startMs).toBeLessThan(300_000)
  })

  test('strikes at the start where the fault does not repeat', () => {
    const incidents = incidentsOf({ ...fault, everyMs: undefined })
    expect(Math.abs(incidents.size - 80)).toBeLessThan(25)
    for (const [incident] of incidents.values()) expect(incident!.startMs - noonMs - 360_000).toBeLessThan(31_000)
  })
})

describe('a fault that cannot be', () => {
  const locks = (config: SimulatorConfig) => {
    config.format = { preset: 'AccessEvent' }
    config.profiles = [{ name: 'lock', weight: 1, signals: [], categories: [{ name: 'event_type', values: [{ value: 'open', weight: 1 }, { value: 'fail', weight: 1 }] }] }]
  }
  test.each<[ResolvedFault['kind'], ResolvedFault['selector'], ((config: SimulatorConfig) => void) | undefined, string]>([
    ['spike', { devices: ['nobody'] }, undefined, 'Fault 1 (spike) names the device "nobody", which the fleet has not: its first is "sensor_000001"'],
    ['drift', { share: 1, signals: ['temprature'] }, undefined, 'Fault 1 (drift) names the signal "temprature", which no profile has: they have temperature'],
    ['spike', { share: 1 }, locks, 'Fault 1 (spike) has nothing to act on: name a category\'s value in selector.signals, such as "event_type=fail"'],
    ['noise', { share: 1, signals: ['event_type'] }, locks, 'Fault 1 (noise) names the category "event_type": name one of its values instead, such as "event_type=open"'],
    ['stuck', { share: 1, signals: ['event_type=fail'] }, locks, 'Fault 1 (stuck) names the value "event_type=fail", but stuck holds whatever value there is: name the category "event_type"'],
  ])('%s on %j is refused', (kind, selector, change, message) => {
    expect(() => recordsOf(aConfig(withFaults(aFault(kind, { selector })), change ?? (() => {})))).toThrow(message)
  })

  test('a device without the signal is refused', () => {
    const config = aConfig(withFaults(aFault('spike', { selector: { devices: ['x'], signals: ['b'] } })), (c) => {
      c.profiles = ['a', 'b'].map((name) => ({ name, weight: 1, signals: [aSignal({ name })], categories: [] }))
      c.devices = { list: [{ device_id: 'x', device_type: 'a' }] }
    })
    expect(() => recordsOf(config)).toThrow('Fault 1 (spike) names the device "x", which has none of its signals')
  })
})
