import { describe, expect, test } from 'vitest'
import { GroupTable } from './group-table.ts'

const hourMs = 3_600_000

describe('the group table', () => {
  test('gives each device one group, or each of its metrics', () => {
    const byDevice = new GroupTable(false, hourMs)
    expect(byDevice.groupOf('a', 'x')).toBe(byDevice.groupOf('a', 'y'))
    expect(byDevice.groupOf('a', 'x').metric).toBeUndefined()
    const byMetric = new GroupTable(true, hourMs)
    expect(byMetric.groupOf('a', 'x')).not.toBe(byMetric.groupOf('a', 'y'))
    expect(byMetric.groupOf('b', 'x')).not.toBe(byMetric.groupOf('a', 'x'))
    expect(byMetric.groupOf('a', 'y')).toBe(byMetric.groupOf('a', 'y'))
    expect(byMetric.size).toBe(3)
  })

  test('finds the groups of a device with very many metrics', () => {
    const table = new GroupTable(true, hourMs)
    const groups = Array.from({ length: 100 }, (_, i) => table.groupOf('a', `m${i}`))
    groups.forEach((group, i) => expect(table.groupOf('a', `m${i}`)).toBe(group))
    expect(table.size).toBe(100)
  })

  test('forgets a group that was not seen for the retention', () => {
    const table = new GroupTable(false, hourMs)
    table.groupOf('old', '').lastSeenMs = 0
    table.groupOf('new', '').lastSeenMs = hourMs
    table.sweep(hourMs)
    expect(table.size).toBe(2)
    table.sweep(1.2 * hourMs)
    expect([...table.all()].map(({ device }) => device)).toEqual(['new'])
  })

  test('keeps a group with an open window, however old', () => {
    const table = new GroupTable(false, hourMs)
    const group = table.groupOf('old', '')
    group.lastSeenMs = 0
    group.nextEndMs = 10
    table.sweep(10 * hourMs)
    expect(table.size).toBe(1)
  })

  test('keeps no more than its limit when devices never come back', () => {
    const table = new GroupTable(true, hourMs, 1_000)
    for (let i = 0; i < 20_000; i++) {
      table.groupOf(`d${i}`, 'm').lastSeenMs = i
      table.sweep(i)
      expect(table.size).toBeLessThanOrEqual(1_000)
    }
    expect(table.groupOf('d19999', 'm').lastSeenMs).toBe(19_999)
  })
})
