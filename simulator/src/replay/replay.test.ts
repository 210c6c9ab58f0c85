import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReplaySpec, SimulatorConfig } from '@tidewatch/api'
import { FakeClock } from '@tidewatch/kit'
import { afterAll, describe, expect, test } from 'vitest'
import { FleetInvalid, RecordingInvalid } from '../errors.ts'
import type { SimulatedRecord } from '../record.ts'
import { runSimulation } from '../runner.ts'
import { aConfig, aFault, noonMs, withFaults } from '../testing/config.ts'
import { MemorySink } from '../testing/memory-sink.ts'
import { readSampleFleets } from '../testing/sample.ts'
import { findRecording } from '../testing/shared-data.ts'
import { openReplay } from './replay.ts'
import type { RowProblem } from './row.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function aFile(content: string): string {
  const file = join(folder, `recording-${files++}`)
  writeFileSync(file, content)
  return file
}

type Change = (config: SimulatorConfig) => void

const replayOf = (spec: Partial<ReplaySpec>, ...changes: Change[]) =>
  aConfig((config) => {
    config.format = {}
    config.profiles = []
    config.durationMs = undefined
    config.devices = { replay: { format: 'Csv', delimiter: ',', speed: 1, ...spec } }
  }, ...changes)

async function read(config: SimulatorConfig, shard = 0): Promise<{ records: SimulatedRecord[]; problems: RowProblem[]; wall: number[] }> {
  const problems: RowProblem[] = []
  const feed = await openReplay(config, { shard, nowMs: noonMs, onProblem: (problem) => problems.push(problem) })
  const records: SimulatedRecord[] = []
  for await (const portion of feed.portions) records.push(...portion)
  return { records, problems, wall: records.map(({ dueMs }) => feed.wallTimeOf(dueMs)) }
}

const readCsv = (content: string, spec: Partial<ReplaySpec> = {}, ...changes: Change[]) => read(replayOf({ file: aFile(content), ...spec }, ...changes))
const valuesOf = ({ records }: { records: SimulatedRecord[] }) => records.map(({ value }) => value)

describe('a CSV', () => {
  const plant = 'time,device,load,note,state\n2020-03-09 10:14:33,p-1,1.50,"a, b",0\n2020-03-09 10:14:35,p-2,NaN,,1\n'
  const eventTime = { column: 'time', format: 'Iso8601' } as const

  test('goes out column by column, without its label, keyed by device', async () => {
    const { records, problems } = await readCsv(plant, { eventTime, device: 'device', label: { column: 'state', normal: ['0'] } })
    expect(problems).toEqual([])
    expect(records).toEqual([
      { dueMs: Date.UTC(2020, 2, 9, 10, 14, 33), eventTimeMs: Date.UTC(2020, 2, 9, 10, 14, 33), key: 'p-1', value: '{"time":"2020-03-09 10:14:33","device":"p-1","load":1.50,"note":"a, b"}', fault: undefined, partition: undefined, createTimeMs: undefined },
      { dueMs: Date.UTC(2020, 2, 9, 10, 14, 35), eventTimeMs: Date.UTC(2020, 2, 9, 10, 14, 35), key: 'p-2', value: '{"time":"2020-03-09 10:14:35","device":"p-2","load":null,"note":null}', fault: '1', partition: undefined, createTimeMs: undefined },
    ])
  })

  test.each([
    [1, [0, 2_000]],
    [4, [0, 500]],
    [0.5, [0, 4_000]],
    [0, [-Infinity, -Infinity]],
  ])('at speed %d is sent at its own pace times that', async (speed, expected) => {
    const { wall } = await readCsv(plant, { eventTime, speed })
    expect(wall.map((ms) => ms - noonMs)).toEqual(expected)
  })

  test('at the fleet\'s own speed is faster by that', async () => {
    const { wall } = await readCsv(plant, { eventTime, speed: 2 }, (config) => (config.speed = 10))
    expect(wall.map((ms) => ms - noonMs)).toEqual([0, 100])
  })

  test('is mapped to where its columns belong, and keeps the event time', async () => {
    const replay = await readCsv(plant, { eventTime, fields: { load: '$.values.load', note: "$['a note']" } })
    expect(valuesOf(replay)[0]).toBe('{"values":{"load":1.50},"a note":"a, b","time":"2020-03-09 10:14:33"}')
    expect(replay.records[0]!.key).toBe('example')
  })

  test('may have another delimiter, a byte-order mark and Windows line ends', async () => {
    expect(valuesOf(await readCsv('\uFEFFa;b\r\n1;2\r\n\r\n3;4\r\n', { delimiter: ';' }))).toEqual([
      `{"a":1,"b":2,"timestamp":"${new Date(noonMs).toISOString()}"}`,
      `{"a":3,"b":4,"timestamp":"${new Date(noonMs + 1_000).toISOString()}"}`,
    ])
  })

  test('with times that go back is sent in its own order', async () => {
    const { records } = await readCsv('t,v\n20,1\n10,2\n30,3\n', { eventTime: { column: 't', format: 'EpochSeconds' } })
    expect(records.map(({ dueMs, eventTimeMs }) => [dueMs, eventTimeMs])).toEqual([[20_000, 20_000], [20_000, 10_000], [30_000, 30_000]])
  })
})

describe('rows without a time', () => {
  const rows = (count: number) => `v\n${Array.from({ length: count }, (_, i) => i).join('\n')}\n`
  const times = ({ records }: { records: SimulatedRecord[] }) => records.map(({ eventTimeMs }) => eventTimeMs - noonMs)

  test.each([
    [1, [0, 1_000, 2_000, 3_000, 4_000], [0, 1_000, 2_000, 3_000, 4_000]],
    [4, [-3_000, -2_000, -1_000, 0, 1_000], [0, 250, 500, 750, 1_000]],
    [0, [-4_000, -3_000, -2_000, -1_000, 0], [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity]],
  ])('at speed %d follow each other at the interval and end at now', async (speed, expected, wall) => {
    const replay = await readCsv(rows(5), { speed })
    expect(times(replay)).toEqual(expected)
    expect(replay.wall.map((ms) => ms - noonMs)).toEqual(wall)
    expect(valuesOf(replay)[0]).toBe(`{"v":0,"timestamp":"${new Date(noonMs + expected[0]!).toISOString()}"}`)
  })

  test('keep a timestamp of their own', async () => {
    expect(valuesOf(await readCsv('timestamp,v\nonce,1\n'))).toEqual(['{"timestamp":"once","v":1}'])
  })

  test('end with messages or duration', async () => {
    expect(times(await readCsv(rows(100), {}, (config) => (config.messages = 3)))).toEqual([0, 1_000, 2_000])
    expect(times(await readCsv(rows(100), {}, (config) => (config.durationMs = 2_500)))).toEqual([0, 1_000, 2_000])
  })
})

describe('a message shape', () => {
  const series = 'timestamp,value\n2014-04-01 00:00:00,18.3\n2014-04-01 00:05:00,21.9\n'
  const eventTime = { column: 'timestamp', format: 'Iso8601' } as const

  test('SensorReading is made of a timestamp and a value', async () => {
    expect(valuesOf(await readCsv(series, { eventTime }, (config) => (config.format = { preset: 'SensorReading' })))).toEqual([
      '{"sensor_id":"example","timestamp":"2014-04-01T00:00:00.000Z","metric":"value","value":18.3,"meta":{"unit":"","location":null}}',
      '{"sensor_id":"example","timestamp":"2014-04-01T00:05:00.000Z","metric":"value","value":21.9,"meta":{"unit":"","location":null}}',
    ])
  })

  test('DeviceMetric is made of each column of numbers', async () => {
    const replay = await readCsv('t,id,a,b,word,l\n0,x,1,,hm,0\n1,x,NaN,4,hm,1\n', { eventTime: { column: 't', format: 'EpochSeconds' }, device: 'id', label: { column: 'l', normal: ['0'] } }, (config) => (config.format = { preset: 'DeviceMetric' }))
    const message = (second: number, name: string, value: string) => `{"device_id":"x","device_type":"example","timestamp":"1970-01-01T00:00:0${second}.000Z","metric_name":"${name}","metric_value":${value},"unit":"","location":null,"building_id":null}`
    expect(valuesOf(replay)).toEqual([message(0, 'a', '1'), message(1, 'a', 'null'), message(1, 'b', '4')])
    expect(replay.records.map(({ fault }) => fault)).toEqual([undefined, '1', '1'])
  })

  test('a recording of whole messages goes out as it is', async () => {
    const replay = await readCsv('sensor_id,timestamp,metric,value\ns,2014-04-01T00:00:00Z,temp,3\n', { eventTime, device: 'sensor_id' }, (config) => (config.format = { preset: 'SensorReading' }))
    expect(valuesOf(replay)).toEqual(['{"sensor_id":"s","timestamp":"2014-04-01T00:00:00Z","metric":"temp","value":3}'])
  })

  test('a template takes columns by name', async () => {
    const replay = await readCsv(series, { eventTime }, (config) => (config.format = { template: '{"d":{{device}},"at":{{timeMs}},"v":{{values.value}},"text":"{{values.timestamp}}"}' }))
    expect(valuesOf(replay)[0]).toBe('{"d":"example","at":1396310400000,"v":18.3,"text":"2014-04-01 00:00:00"}')
  })

  test('fields and a format contradict each other', async () => {
    await expect(readCsv(series, { fields: { value: '$.v' } }, (config) => (config.format = { preset: 'SensorReading' }))).rejects.toThrow('A recording takes its shape from devices.replay.fields or from format: write either')
  })
})

describe('JSON Lines', () => {
  const readLines = (content: string, spec: Partial<ReplaySpec> = {}, ...changes: Change[]) => readCsv(content, { format: 'JsonLines', ...spec }, ...changes)

  test('go out as they are, without the label; NaN becomes null', async () => {
    const replay = await readLines('{"id":7,"t":10,"v":{"a":[1,2]},"l":"NaN?","x":NaN,"y":-Infinity}\n\n{"id":"b","t":11,"l":"bad"}', {
      device: 'id',
      eventTime: { column: 't', format: 'EpochSeconds' },
      label: { column: 'l', normal: ['NaN?'] },
    })
    expect(replay.problems).toEqual([])
    expect(replay.records.map(({ key, value, fault, eventTimeMs }) => [key, value, fault, eventTimeMs])).toEqual([
      ['7', '{"id":7,"t":10,"v":{"a":[1,2]},"x":null,"y":null}', undefined, 10_000],
      ['b', '{"id":"b","t":11}', 'bad', 11_000],
    ])
  })

  test('that cannot be read are passed over and told', async () => {
    const { records, problems } = await readLines(`{"v":1}\nnot json\n[1]\n{"v":"${'x'.repeat(1_100_000)}"}\n{"v":2}\n`)
    expect(records).toHaveLength(2)
    expect(problems.map(({ line, kind }) => [line, kind])).toEqual([[2, 'syntax'], [3, 'syntax'], [4, 'tooLong']])
  })
})

describe('rows that cannot be used', () => {
  test('are passed over, each with its line', async () => {
    const { records, problems } = await readCsv('t,id,v\n1,a,1\n2,b\nsoon,c,3\n4,,4\n5,e,"x"y\n6,f,6\n7,g,"7\n', { eventTime: { column: 't', format: 'EpochSeconds' }, device: 'id' })
    expect(records.map(({ key }) => key)).toEqual(['a', 'e', 'f'])
    expect(problems.map(({ line, kind }) => [line, kind])).toEqual([[3, 'columns'], [4, 'noTime'], [5, 'noDevice'], [8, 'syntax']])
    expect(problems.find(({ kind }) => kind === 'noTime')?.problem).toBe('has no time in "t": "soon" is not EpochSeconds')
  })

  test('end a replay in which there is no other', async () => {
    const file = aFile('t,v\nx,1\ny,2\n')
    await expect(read(replayOf({ file, eventTime: { column: 't', format: 'Iso8601' } }))).rejects.toThrow(
      new RecordingInvalid(`No row of the recording ${file} could be read: line 2 has no time in "t": "x" is not Iso8601`),
    )
  })

  test('a quote that nobody closed does not fill memory', async () => {
    const { records, problems } = await readCsv(`a,b\n1,2\n3,"${'no end\n'.repeat(200_000)}`)
    expect(records).toHaveLength(1)
    expect(problems.length).toBeGreaterThan(0)
  })
})

describe('a recording that cannot be replayed is refused in one sentence', () => {
  test.each<[string, Partial<ReplaySpec>, string]>([
    ['no file', { file: '/nowhere/x.csv' }, 'There is no recording /nowhere/x.csv: correct devices.replay.file'],
    ['a folder', { file: folder }, `The recording ${folder} is not a file`],
    ['a ConfigMap', { configMap: { name: 'a', key: 'b' } }, 'A recording can only be read from a file on this machine: write devices.replay.file'],
  ])('%s', async (_, spec, message) => {
    await expect(read(replayOf(spec))).rejects.toThrow(new RecordingInvalid(message))
  })

  test.each<[string, string, Partial<ReplaySpec>, string]>([
    ['an empty file', '', {}, 'is empty: its first line must name the columns'],
    ['no such device column', 'a,b\n1,2\n', { device: 'id' }, 'has no column "id": it has "a", "b"'],
    ['no such label column', 'a;b\n1;2\n', { delimiter: ';', label: { column: 'Label', normal: ['x'] } }, 'has no column "Label": it has "a", "b"'],
    ['no such mapped column', 'a,b\n1,2\n', { fields: { c: '$.c' } }, 'has no column "c": it has "a", "b"'],
    ['a header whose quote nobody closed', '"a,b\n1,2\n', {}, 'has a header that is not valid CSV: Quote Not Closed: the parsing is finished with an opening quote at line 2'],
    ['a column that is there twice', 'a,a\n1,2\n', {}, 'has the column "a" twice'],
  ])('%s', async (_, content, spec, message) => {
    const file = aFile(content)
    await expect(read(replayOf({ file, ...spec }))).rejects.toThrow(new RecordingInvalid(`The recording ${file} ${message}`))
  })

  test('faults', async () => {
    const message = 'Faults are injected into simulated devices only: leave out faults, or label the recording'
    await expect(readCsv('a\n1\n', {}, withFaults(aFault('spike')))).rejects.toThrow(new FleetInvalid(message))
  })
})

test('shards send the rows of their own devices, each in order', async () => {
  const content = `id,v\n${Array.from({ length: 300 }, (_, i) => `d${i % 17},${i}`).join('\n')}\n`
  const file = aFile(content)
  const whole = await read(replayOf({ file, device: 'id' }))
  const parts = await Promise.all([0, 1, 2].map((shard) => read(replayOf({ file, device: 'id' }, (config) => (config.shards = 3)), shard)))
  const byDevice = (records: SimulatedRecord[]) => Object.fromEntries([...Map.groupBy(records, ({ key }) => key)].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  expect(byDevice(parts.flatMap(({ records }) => records))).toEqual(byDevice(whole.records))
  for (const { records } of parts) expect(records.length).toBeGreaterThan(0)
})

test('a recording is run to its end, and its bad rows are counted', async () => {
  const sink = new MemorySink()
  const clock = new FakeClock(noonMs)
  const report = await runSimulation({ config: replayOf({ file: aFile('v,l\n1,ok\n2\n3,bad\n'), speed: 0, label: { column: 'l', normal: ['ok'] } }), sink, clock })
  expect(report).toMatchObject({ sent: 2, skippedRows: 1, injected: { bad: 1 } })
  expect(sink.records.map(({ headers }) => headers)).toEqual([undefined, { 'tidewatch-fault': 'bad' }])
  for (const { timestampMs } of sink.records) expect(timestampMs).toBeUndefined()
})

describe('the shared recordings', () => {
  test('flows: every row a message of 39 numbers, all attacks labelled', async () => {
    const file = findRecording('flows/ciciot2023_derived_sample.csv')
    if (file === undefined) return
    const [fleet] = readSampleFleets('flows-replay')
    if (!('replay' in fleet!.devices)) throw new Error('flows-replay does not replay')
    const { records, problems } = await read({ ...fleet!, devices: { replay: { ...fleet!.devices.replay, file } } })
    expect(problems).toEqual([])
    expect(records).toHaveLength(4_050)
    expect(records.filter(({ fault }) => fault === undefined)).toHaveLength(150)
    expect(new Set(records.map(({ fault }) => fault)).size).toBe(27)
    for (const { value, key } of records) {
      const message = JSON.parse(value) as Record<string, unknown>
      expect(key).toBe('iot-traffic')
      expect(Object.values(message).filter((one) => typeof one === 'number')).toHaveLength(39)
      expect(message).not.toHaveProperty('Label')
      expect(message).toHaveProperty('timestamp')
    }
  })

  test('NAB: a series becomes sensor readings, its window labelled', async () => {
    const file = findRecording('nab/data/artificialWithAnomaly/art_daily_flatmiddle.csv')
    if (file === undefined) return
    const { records } = await read(
      replayOf(
        { file, speed: 0, eventTime: { column: 'timestamp', format: 'Iso8601' }, windows: [{ start: '2014-04-10T07:15:00.000000', end: '2014-04-11T16:45:00.000000' }] },
        (config) => (config.format = { preset: 'SensorReading' }),
      ),
    )
    expect(records).toHaveLength(4_032)
    expect(records[0]!.value).toBe('{"sensor_id":"example","timestamp":"2014-04-01T00:00:00.000Z","metric":"value","value":-21.0483826823,"meta":{"unit":"","location":null}}')
    const labelled = records.filter(({ fault }) => fault === 'anomaly')
    expect(labelled).toHaveLength(403)
    expect(new Date(labelled[0]!.eventTimeMs).toISOString()).toBe('2014-04-10T07:15:00.000Z')
  })

  test('SKAB: semicolons, eight signals, the anomaly column as label', async () => {
    const file = findRecording('skab/valve1/0.csv')
    if (file === undefined) return
    const { records, problems } = await read(replayOf({ file, delimiter: ';', speed: 0, eventTime: { column: 'datetime', format: 'Iso8601' }, label: { column: 'anomaly', normal: ['0.0'] } }))
    expect(problems).toEqual([])
    expect(records.length).toBeGreaterThan(1_000)
    expect(Object.keys(JSON.parse(records[0]!.value) as object)).toEqual(['datetime', 'Accelerometer1RMS', 'Accelerometer2RMS', 'Current', 'Pressure', 'Temperature', 'Thermocouple', 'Voltage', 'Volume Flow RateRMS', 'changepoint'])
    expect(new Set(records.map(({ fault }) => fault))).toEqual(new Set([undefined, '1.0']))
  })
})
