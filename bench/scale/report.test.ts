import { expect, test } from 'vitest'
import type { DeviceRow } from './messages.ts'
import { computeShare, drawScale, findMissed, renderScale } from './report.ts'

const row = (devices: number, changes: Partial<DeviceRow> = {}): DeviceRow => ({
  devices,
  partitions: 8,
  readingsPerCpuSecond: 400_000,
  longestStretchMs: devices / 1_000,
  liveBytesPerDevice: 2_048,
  rssBytesPerDevice: 8_192,
  checkpointBytes: devices * 1_400,
  checkpointCpuMs: devices / 100,
  longestPieceMs: 5,
  restoreCpuMs: devices / 50,
  peakRssBytes: 300 * 2 ** 20,
  ...changes,
})

test('what reaches the numbers is missed by nobody; a small fleet has none', () => {
  expect(findMissed({ devices: [row(1_000, { liveBytesPerDevice: 9_000 }), row(10_000), row(1_000_000, { readingsPerCpuSecond: 240_000 })], partitions: [], simulator: [] })).toEqual([])
})

test('memory and speed of many devices are held to their numbers', () => {
  expect(findMissed({ devices: [row(10_000, { liveBytesPerDevice: 4_096 }), row(1_000_000, { readingsPerCpuSecond: 200_000 })], partitions: [], simulator: [] })).toEqual([
    '10,000 devices: 4.00 KiB a device, must be < 4 KiB',
    '1,000,000 devices: 50 % of the readings/s of 10,000, must be >= 60 %',
  ])
})

test('a share needs both ends', () => {
  expect(computeShare([row(10_000), row(100_000)])).toBeUndefined()
})

test('the tables end with the exponents', () => {
  expect(renderScale({ devices: [row(1_000), row(10_000)], partitions: [{ partitions: 1, readingsPerSecond: 100_000 }, { partitions: 4, readingsPerSecond: 50_000 }], simulator: [{ records: 3_000_000, recordsPerSecond: 99_999.4 }] }, '2 x CPU')).toBe(
    `2 x CPU

Devices of one process, without a broker: bytes of records through 8 partitions' topologies; windows of 60 s every 10 s, a reading a second, microClusters, six features
 devices  readings/CPU s  longest ms  live bytes/device  RSS bytes/device  peak RSS MiB  checkpoint MiB  bytes/device  written CPU ms  longest ms  restored CPU ms
   1,000         400,000           1              2,048             8,192           300             1.3         1,400              10           5               20
  10,000         400,000          10              2,048             8,192           300            13.4         1,400             100           5              200
exponent            0.00        1.00               0.00              0.00          0.00            1.00          0.00            1.00        0.00             1.00
longest: on the clock, of fifty readings with the windows that they closed, and of one piece of a checkpoint, garbage collections included: for so long nothing else is done.
live: heap and buffers after a garbage collection, window and model. RSS has what the collector did not give back, too. checkpoint: all partitions, before compression.

Partitions of the input, one detector process on a real broker, ExactlyOnce, 10,000 devices: from taking over its partitions to the end of the log
partitions  readings/s
         1     100,000
         4      50,000
  exponent       -0.50

One simulator process, system C as fast as it can, 8 partitions of a real broker, acks all: from its first record to the last acknowledgement
records in the topic  records/s     must      aim
           3,000,000     99,999  100,000  250,000
missed: a simulator: 99,999 records/s, must be >= 100,000`,
  )
})

test('curves are drawn of what has two points', () => {
  expect(drawScale({ devices: [row(1_000)], partitions: [], simulator: [] })).toBeUndefined()
  const svg = drawScale({ devices: [row(1_000), row(10_000)], partitions: [], simulator: [] })
  expect(svg?.match(/<polyline/g)).toHaveLength(3)
})
