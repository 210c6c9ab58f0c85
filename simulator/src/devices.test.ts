import { describe, expect, test } from 'vitest'
import { compileIdPattern, keysOf, planFleet } from './devices.ts'
import { planProfile } from './signals/profile.ts'

const profiles = (...weights: [string, number][]) => weights.map(([name, weight]) => planProfile({ name, weight, signals: [], categories: [] }))

describe('compileIdPattern', () => {
  test.each([
    ['sensor_%06d', 'sensor_000042'],
    ['lock-%d', 'lock-42'],
    ['%4d!', '  42!'],
    ['%02d', '42'],
  ])('%s', (pattern, id) => {
    expect(compileIdPattern(pattern)(42)).toBe(id)
  })
})

describe('counted devices', () => {
  test('are numbered from 1 and know where they are', () => {
    const fleet = planFleet({ count: 30, idPattern: 'sensor_%06d' }, profiles(['temperature', 1]))
    expect(fleet.describe(0)).toEqual({ id: 'sensor_000001', type: 'temperature', location: 'zone-01', building: 'building-1', profile: 0 })
    expect(fleet.describe(25)).toEqual({ id: 'sensor_000026', type: 'temperature', location: 'zone-02', building: 'building-2', profile: 0 })
  })

  test.each([10, 100, 9_999])('%i of them take profiles by weight', (count) => {
    const fleet = planFleet({ count, idPattern: '%d' }, profiles(['a', 5], ['b', 3], ['c', 2]))
    const counts = [0, 0, 0]
    for (let i = 0; i < count; i++) counts[fleet.describe(i).profile]!++
    counts.forEach((found, profile) => expect(Math.abs(found - count * [0.5, 0.3, 0.2][profile]!)).toBeLessThanOrEqual(2))
  })
})

describe('listed devices', () => {
  test('take the profile named like their type', () => {
    const fleet = planFleet({ list: [{ device_id: 'CH-1', device_type: 'chiller', location: 'basement' }] }, profiles(['pump', 1], ['chiller', 1]))
    expect(fleet.describe(0)).toEqual({ id: 'CH-1', type: 'chiller', location: 'basement', building: null, profile: 1 })
  })

  test('need no type where there is one profile', () => {
    expect(planFleet({ list: [{ device_id: 'a' }] }, profiles(['pump', 1])).describe(0).type).toBe('pump')
  })

  test.each<[string, { device_id: string; device_type?: string }[], string]>([
    ['a type without a profile', [{ device_id: 'CT-1', device_type: 'tower' }], 'Device "CT-1" is of type "tower", but no profile has that name: the profiles are "pump", "chiller"'],
    ['no type where there are several profiles', [{ device_id: 'CT-1' }], 'Device "CT-1" has no device_type, and there are several profiles: write one of "pump", "chiller"'],
    ['an id that is there twice', [{ device_id: 'a', device_type: 'pump' }, { device_id: 'a', device_type: 'chiller' }], 'Device "a" is listed twice'],
  ])('refuse %s', (_, list, message) => {
    expect(() => planFleet({ list }, profiles(['pump', 1], ['chiller', 1]))).toThrow(message)
  })
})

test('keys depend on id and seed, and are not shared by any two of 100,000 devices', () => {
  expect(keysOf('a', 1)).not.toEqual(keysOf('a', 2))
  const keys = new Set(Array.from({ length: 100_000 }, (_, i) => keysOf(`sensor_${String(i).padStart(6, '0')}`, 1).join()))
  expect(keys.size).toBe(100_000)
})
