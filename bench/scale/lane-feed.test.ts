import { expect, test } from 'vitest'
import { LaneFeed } from './lane-feed.ts'

const startMs = Date.UTC(2026, 0, 1)

function readAll(feed: LaneFeed): { offset: number; timestampMs: number; message: Record<string, unknown> }[] {
  const read = []
  while (feed.next()) read.push({ offset: feed.offset, timestampMs: feed.timestampMs, message: JSON.parse(feed.bytes.toString('utf8', feed.valueStart, feed.valueEnd)) as Record<string, unknown> })
  return read
}

test('a portion holds readings of the devices and times that it was asked for', () => {
  const feed = new LaneFeed({ topic: 'readings', partition: 3, most: 4 })
  feed.write(2, (i) => 1_234_567 * (i + 1), (i) => startMs + i)
  const read = readAll(feed)
  expect(read.map(({ offset, timestampMs, message }) => [offset, timestampMs, message['sensor_id'], message['timestamp'], message['metric']])).toEqual([
    [0, startMs, 'sensor_1234567', '2026-01-01T00:00:00.000Z', 'temperature'],
    [1, startMs + 1, 'sensor_2469134', '2026-01-01T00:00:00.001Z', 'temperature'],
  ])
  expect(read.every(({ message }) => Number(message['value']) > 19 && Number(message['value']) < 25)).toBe(true)
})

test('the next portion goes on behind it, with other values', () => {
  const feed = new LaneFeed({ topic: 'readings', partition: 0, most: 3 })
  feed.write(3, (i) => i, () => startMs)
  const first = readAll(feed)
  feed.write(1, () => 7, () => startMs + 1_000)
  const [second] = readAll(feed)
  expect(second).toMatchObject({ offset: 3, timestampMs: startMs + 1_000, message: { sensor_id: 'sensor_0000007' } })
  expect(first.map(({ message }) => message['value'])).not.toContain(second!.message['value'])
})

test('what is refused ends the run', () => {
  const feed = new LaneFeed({ topic: 'readings', partition: 0, most: 1 })
  feed.write(1, () => 5, () => startMs)
  feed.next()
  expect(() => feed.toRecord()).toThrow('The reading {"sensor_id":"sensor_0000005","timestamp":"2026-01-01T00:00:00.000Z"')
})
