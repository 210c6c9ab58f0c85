import { expect, test } from 'vitest'
import { buildPoison, checkPoison } from './backlog.ts'
import { findInspectorAddress } from './inspector.ts'
import { countSockets, parseContextSwitches, parseResidentMib, readContextSwitches, readResidentMib } from './proc.ts'
import { buildReadings } from './sender.ts'

const status = 'Name:\tnode\nVmRSS:\t  163840 kB\nThreads:\t11\nvoluntary_ctxt_switches:\t1200\nnonvoluntary_ctxt_switches:\t34\n'

test('a status of /proc is read', () => {
  expect(parseContextSwitches(status)).toEqual({ voluntary: 1_200, involuntary: 34 })
  expect(parseResidentMib(status)).toBe(160)
})

test('a status that lacks a line says which', () => {
  expect(() => parseContextSwitches('Name:\tnode\n')).toThrow("A thread's status has no voluntary_ctxt_switches: only Linux tells how often a thread woke up")
  expect(() => parseResidentMib('Name:\tnode\n')).toThrow('A process has no VmRSS in its status: it has ended')
})

test('this process has a memory, sockets or none, and was given the CPU', () => {
  expect(readResidentMib(process.pid)).toBeGreaterThan(1)
  expect(countSockets(process.pid)).toBeGreaterThanOrEqual(0)
  expect(readContextSwitches(process.pid).voluntary).toBeGreaterThan(0)
})

test.each([
  ['Debugger listening on ws://127.0.0.1:4711/ab-cd\nFor help', 'ws://127.0.0.1:4711/ab-cd'],
  ['{"level":"info"}', undefined],
])('the inspector of a process that says %j listens at %s', (output, address) => {
  expect(findInspectorAddress(output)).toBe(address)
})

test('readings go round the devices, each device in a partition of its own choice', () => {
  const options = { topic: 't', partitions: 2, devices: 3, rate: 10, seed: 1 }
  const readings = buildReadings(options, 2, 4, Date.UTC(2026, 0, 1))
  expect(readings.map(({ key, partition }) => [key, partition])).toEqual([
    ['sensor_000002', 0],
    ['sensor_000000', 0],
    ['sensor_000001', 1],
    ['sensor_000002', 0],
  ])
  expect(JSON.parse(String(readings[0]!.value))).toMatchObject({ sensor_id: 'sensor_000002', timestamp: '2026-01-01T00:00:00.000Z', metric: 'temperature' })
  expect(buildReadings(options, 2, 4, Date.UTC(2026, 0, 1))).toEqual(readings)
})

test('lost, repeated and strange records of a backlog are told apart', () => {
  const [first, second, third] = buildPoison('t', 1, 3).map(({ value }) => String(value))
  expect(checkPoison(3, [first!, second!, third!])).toEqual({ lost: [], repeated: 0, strange: 0 })
  expect(checkPoison(3, [first!, first!, third!, 'else'])).toEqual({ lost: [1], repeated: 1, strange: 1 })
})
