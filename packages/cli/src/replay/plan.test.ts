import { expect, test } from 'vitest'
import { nameDevices, planReplay, type Recording, type ReplayChoices } from './plan.ts'

const recording = (file: string, over: Partial<Recording['columns']> = {}): Recording => ({
  file,
  path: `/data/${file}`,
  rows: 100,
  intervalMs: 300_000,
  labels: [{ startMs: Date.UTC(2014, 0, 1), endMs: Date.UTC(2014, 0, 2) }],
  columns: { delimiter: ';', names: ['datetime', 'Volume Flow', 'x'], time: 'datetime', timeFormat: 'Iso8601', values: ['Volume Flow', 'x'], label: undefined, ...over },
})
const choices: ReplayChoices = { window: { kind: 'none' }, model: 'robustZScore', threshold: { score: 1.5 }, warmUp: 50 }

test('each recording is a device in a partition of its own, and the pipeline reads its columns', () => {
  const { plan, recordings } = planReplay('7', [recording('a/One.csv'), recording('b/One.csv')], choices, 'kafka:9092')
  expect(plan.brokers).toBe('kafka:9092')
  expect(plan.topics.map(({ name, partitions }) => [name, partitions])).toEqual([['replay-7', 2], ['replay-7-state', 2], ['replay-7-anomalies', 1], ['replay-7-dead-letters', 1]])
  expect(plan.pipelines[0]?.config).toMatchObject({
    partitions: 2,
    reading: {
      eventTime: { path: "$['datetime']", format: 'Iso8601' },
      values: [{ name: 'Volume Flow', path: "$['Volume Flow']" }, { name: 'x', path: "$['x']" }],
    },
    window: { kind: 'none' },
    model: { kind: 'robustZScore' },
    threshold: { score: 1.5 },
    warmUp: 50,
  })
  expect(recordings.map(({ device, fleet }) => [device, fleet.fleet.name, fleet.topic, fleet.partition])).toEqual([['one', 'one', 'replay-7', 0], ['one-2', 'one-2', 'replay-7', 1]])
  expect(recordings[0]?.fleet.devices).toMatchObject({
    replay: { file: '/data/a/One.csv', delimiter: ';', speed: 0, eventTime: { column: 'datetime' }, windows: [{ start: '2014-01-01T00:00:00.000Z', end: '2014-01-02T00:00:00.000Z' }] },
  })
})

test('windows are written as the manifest has them', () => {
  const windowOf = (window: ReplayChoices['window']) => planReplay('7', [recording('a.csv')], { ...choices, window }, undefined).plan.pipelines[0]?.config.window
  expect(windowOf({ kind: 'tumbling', size: '60s' })).toEqual({ kind: 'tumbling', sizeMs: 60_000 })
  expect(windowOf({ kind: 'sliding', size: '60s', slide: '10s' })).toEqual({ kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 })
})

test('recordings with other columns are replayed apart', () => {
  expect(() => planReplay('7', [recording('a.csv'), recording('b.csv', { values: ['y'] })], choices, undefined)).toThrow(
    'b.csv has other columns (datetime, y) than a.csv (datetime, Volume Flow, x): replay them apart, or name those in common with --time-column and --value-columns',
  )
})

test('devices are named after their files, as a manifest allows', () => {
  expect(nameDevices(['/a/ec2_CPU utilization.csv', '/b/ec2_cpu_utilization.csv', `/c/${'x'.repeat(80)}.csv`, '/d/___.csv'])).toEqual([
    'ec2-cpu-utilization', 'ec2-cpu-utilization-2', 'x'.repeat(56), 'recording',
  ])
})
