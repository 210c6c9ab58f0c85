import type { ResolvedFault, SimulatorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig, aFault, aSignal, deviation, mean, noonMs, recordsOf, valueOf, withFaults } from '../testing/config.ts'
import type { SimulatedRecord } from '../record.ts'

const plain = recordsOf(aConfig())
const under = (fault: ResolvedFault, ...changes: ((config: SimulatorConfig) => void)[]) => recordsOf(aConfig(withFaults(fault), ...changes))
const keyOf = ({ key, eventTimeMs }: SimulatedRecord) => `${key} ${eventTimeMs}`
const plainByKey = new Map(plain.map((record) => [keyOf(record), record]))

/** How far each faulty value lies from what the device would have sent. */
const displacements = (records: readonly SimulatedRecord[]) => records.filter(({ fault }) => fault !== undefined).map((record) => valueOf(record) - valueOf(plainByKey.get(keyOf(record))!))

/** An incident of 20 s in the middle of each device's minute. */
const middle = { startMs: 20_000, durationMs: 20_000 }
const isMiddle = ({ dueMs }: SimulatedRecord) => dueMs >= noonMs + 20_000 && dueMs < noonMs + 40_000

describe('every fault', () => {
  test.each(['spike', 'drift', 'stuck', 'noise', 'clockSkew', 'duplicate', 'flood'] as const)('%s labels every record of the incident and no other', (kind) => {
    const records = under(aFault(kind, { ...middle, magnitude: 3 }))
    for (const record of records) expect(record.fault).toBe(isMiddle(record) ? kind : undefined)
    expect(records.filter(isMiddle).length).toBeGreaterThanOrEqual(200)
  })

  test.each(['spike', 'drift', 'stuck', 'noise', 'dropout', 'clockSkew', 'duplicate', 'outOfOrder'] as const)('%s leaves all other records as they are, to the byte', (kind) => {
    const others = under(aFault(kind, { ...middle, magnitude: 0.5 })).filter(({ fault }) => fault === undefined)
    expect(others).toEqual(plain.filter((record) => !isMiddle(record)))
  })
})

describe('spike', () => {
  test('puts every reading magnitude deviations away, on one side for each device', () => {
    const records = under(aFault('spike', { ...middle, magnitude: 8 }))
    const distances = displacements(records)
    expect(distances).toHaveLength(200)
    for (const distance of distances) {
      expect(Math.abs(distance)).toBeGreaterThan(7.19)
      expect(Math.abs(distance)).toBeLessThan(8.81)
    }
    const signs = new Map<string, Set<number>>()
    for (const record of records.filter(isMiddle)) {
      const sign = Math.sign(valueOf(record) - 20)
      signs.set(record.key, (signs.get(record.key) ?? new Set()).add(sign))
    }
    for (const own of signs.values()) expect(own.size).toBe(1)
    expect(new Set([...signs.values()].flatMap((own) => [...own]))).toEqual(new Set([-1, 1]))
  })

  test('goes the way in which the limits leave room', () => {
    const limits = (config: SimulatorConfig) => (config.profiles[0]!.signals = [aSignal({ base: 95, limits: { min: 0, max: 100 } })])
    const records = under(aFault('spike', { ...middle, magnitude: 20 }), limits)
    for (const record of records.filter(isMiddle)) expect(valueOf(record)).toBeLessThan(85)
  })

  test('multiplies the weight of a category\'s value', () => {
    const config = aConfig(withFaults(aFault('spike', { ...middle, magnitude: 100, selector: { share: 1, signals: ['event_type=fail'] } })), (c) => {
      c.format = { preset: 'AccessEvent' }
      c.profiles = [{ name: 'lock', weight: 1, signals: [], categories: [{ name: 'event_type', values: [{ value: 'open', weight: 99 }, { value: 'fail', weight: 1 }] }] }]
      c.devices = { count: 100, idPattern: '%d' }
    })
    const failing = (records: SimulatedRecord[]) => mean(records.map(({ value }) => (value.includes('"event_type":"fail"') ? 1 : 0)))
    const records = recordsOf(config)
    expect(Math.abs(failing(records.filter((record) => !isMiddle(record))) - 0.01)).toBeLessThan(0.006)
    expect(Math.abs(failing(records.filter(isMiddle)) - 100 / 199)).toBeLessThan(0.05)
  })
})

describe('drift', () => {
  test('is a straight line to magnitude deviations', () => {
    const records = under(aFault('drift', { ...middle, magnitude: 10 })).filter(isMiddle)
    for (const record of records) {
      const progress = (record.dueMs - noonMs - 20_000) / 20_000
      const distance = Math.abs(valueOf(record) - valueOf(plainByKey.get(keyOf(record))!))
      expect(distance).toBeCloseTo(10 * progress, 2)
    }
  })
})

describe('stuck', () => {
  test('repeats the value of the incident\'s first reading exactly', () => {
    for (const [, records] of Map.groupBy(under(aFault('stuck', middle)).filter(isMiddle), ({ key }) => key)) {
      expect(records).toHaveLength(20)
      const first = plainByKey.get(keyOf(records[0]!))!
      expect(new Set(records.map(valueOf))).toEqual(new Set([valueOf(first)]))
    }
  })

  test('takes a new value at each repetition', () => {
    const [, records] = [...Map.groupBy(under(aFault('stuck', { startMs: 0, durationMs: 10_000, everyMs: 20_000 })), ({ key }) => key)][0]!
    expect(new Set(records.filter(({ fault }) => fault !== undefined).map(valueOf)).size).toBe(3)
  })
})

describe('noise', () => {
  test('is magnitude times as strong', () => {
    const values = under(aFault('noise', { magnitude: 5 })).map(valueOf)
    expect(deviation(values) / deviation(plain.map(valueOf))).toBeCloseTo(5, 2)
    expect(Math.abs(mean(values) - 20)).toBeLessThan(1)
  })
})

describe('dropout', () => {
  test('of everything sends nothing', () => {
    expect(under(aFault('dropout', { ...middle, magnitude: 1 })).filter(isMiddle)).toEqual([])
  })
  test('of a share sends the others, labelled', () => {
    const left = under(aFault('dropout', { ...middle, magnitude: 0.3 })).filter(isMiddle)
    expect(Math.abs(left.length / 200 - 0.7)).toBeLessThan(0.1)
    for (const { fault } of left) expect(fault).toBe('dropout')
  })
})

describe('duplicate', () => {
  test('sends the same record again right after', () => {
    const records = under(aFault('duplicate', { ...middle, magnitude: 1 }))
    const twice = records.filter(isMiddle)
    expect(twice).toHaveLength(400)
    for (let i = 0; i < twice.length; i += 2) expect(twice[i + 1]).toEqual(twice[i])
    expect(records).toHaveLength(800)
  })
  test('of a share', () => {
    expect(Math.abs(under(aFault('duplicate', { ...middle, magnitude: 0.25 })).length - 650)).toBeLessThan(25)
  })
})

describe('outOfOrder', () => {
  test('sends records up to magnitude seconds late, with their own time', () => {
    const records = under(aFault('outOfOrder', { ...middle, magnitude: 3 }))
    expect(records.map(({ dueMs }) => dueMs)).toEqual(records.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b))
    const late = records.filter(({ fault }) => fault === 'outOfOrder')
    expect(late).toHaveLength(200)
    const delays = late.map(({ dueMs, eventTimeMs }) => dueMs - eventTimeMs)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(3_000)
    expect(Math.abs(mean(delays) - 1_500)).toBeLessThan(200)
    const times = [...Map.groupBy(late, ({ key }) => key)][0]![1].map(({ eventTimeMs }) => eventTimeMs)
    expect(times).not.toEqual(times.toSorted((a, b) => a - b))
    expect(records.map(({ value }) => value).toSorted()).toEqual(plain.map(({ value }) => value).toSorted())
  })

  test('what is held back at the end is still sent', () => {
    const records = under(aFault('outOfOrder', { magnitude: 600 }))
    expect(records).toHaveLength(600)
    expect(records.at(-1)!.dueMs).toBeGreaterThan(noonMs + 500_000)
  })
})

describe('clockSkew', () => {
  test('puts event times ahead and sends when due', () => {
    const records = under(aFault('clockSkew', { ...middle, magnitude: 600 }))
    for (const record of records) {
      expect(record.eventTimeMs - record.dueMs).toBe(isMiddle(record) ? 600_000 : 0)
      expect(record.value).toContain(new Date(record.eventTimeMs).toISOString())
    }
    expect(records.map(valueOf)).toEqual(plain.map(valueOf))
  })
})

describe('flood', () => {
  test('multiplies the readings of the incident and leaves the regular ones where they are', () => {
    const records = under(aFault('flood', { ...middle, magnitude: 10 }))
    const count = records.filter(isMiddle).length
    expect(Math.abs(count - 2_000)).toBeLessThan(60)
    const times = new Set(records.map(keyOf))
    for (const record of plain) expect(times).toContain(keyOf(record))
    for (const [, own] of Map.groupBy(records, ({ key }) => key)) {
      const due = own.map(({ dueMs }) => dueMs)
      expect(due).toEqual(due.toSorted((a, b) => a - b))
    }
  })

  test('that fits between two readings of a slow device happens all the same', () => {
    const slow = (config: SimulatorConfig) => {
      config.intervalMs = 30_000
      config.devices = { count: 1, idPattern: '%d' }
    }
    const records = under(aFault('flood', { startMs: 31_000, durationMs: 3_000, magnitude: 30 }), slow)
    expect(records.filter(({ fault }) => fault === 'flood').length).toBeGreaterThanOrEqual(3)
  })

  test('so strong that several readings fall into a millisecond still ends', () => {
    const few = (config: SimulatorConfig) => (config.devices = { count: 1, idPattern: '%d' })
    const records = under(aFault('flood', { startMs: 1_000, durationMs: 1_000, magnitude: 5_000 }), few)
    expect(Math.abs(records.length - 5_060)).toBeLessThan(50)
  })
})

describe('signals', () => {
  const two = (config: SimulatorConfig) => (config.profiles[0]!.signals = [aSignal({ name: 'a' }), aSignal({ name: 'b' })])
  test('are faulty one by one in a long format', () => {
    const records = under(aFault('spike', { ...middle, selector: { share: 1, signals: ['b'] } }), two)
    for (const record of records) expect(record.fault).toBe(isMiddle(record) && record.value.includes('"metric":"b"') ? 'spike' : undefined)
  })

  test('label the whole message in a wide format', () => {
    const records = under(aFault('spike', { ...middle, magnitude: 100, selector: { share: 1, signals: ['b'] } }), two, (config) => (config.format = { preset: 'NetworkFlow' }))
    for (const record of records) {
      const { a, b } = JSON.parse(record.value) as { a: number; b: number }
      expect(Math.abs(a - 20)).toBeLessThan(10)
      expect(Math.abs(b - 20) > 50).toBe(isMiddle(record))
      expect(record.fault).toBe(isMiddle(record) ? 'spike' : undefined)
    }
  })

  test('of a flood are the only ones sent more often', () => {
    const records = under(aFault('flood', { ...middle, magnitude: 10, selector: { share: 1, signals: ['b'] } }), two)
    const count = (metric: string) => records.filter((record) => isMiddle(record) && record.value.includes(`"metric":"${metric}"`)).length
    expect(count('a')).toBe(200)
    expect(count('b')).toBeGreaterThan(1_900)
  })

  test('a category is stuck by its name', () => {
    const config = aConfig(withFaults(aFault('stuck', { ...middle, selector: { share: 1, signals: ['event_type'] } })), (c) => {
      c.format = { preset: 'AccessEvent' }
      c.profiles = [{ name: 'lock', weight: 1, signals: [], categories: [{ name: 'event_type', values: ['a', 'b', 'c', 'd'].map((value) => ({ value, weight: 1 })) }] }]
    })
    for (const [, own] of Map.groupBy(recordsOf(config).filter(isMiddle), ({ key }) => key)) {
      expect(new Set(own.map(({ value }) => (JSON.parse(value) as { event_type: string }).event_type)).size).toBe(1)
    }
  })
})

test('of several faults at once each has its effect, and the first one\'s name is the label', () => {
  const records = recordsOf(aConfig(withFaults(aFault('clockSkew', { ...middle, magnitude: 600 }), aFault('stuck', middle))))
  for (const record of records.filter(isMiddle)) {
    expect(record.fault).toBe('clockSkew')
    expect(record.eventTimeMs - record.dueMs).toBe(600_000)
  }
  const [, own] = [...Map.groupBy(records.filter(isMiddle), ({ key }) => key)][0]!
  expect(new Set(own.map(valueOf)).size).toBe(1)
})
