import type { SimulatorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig, aSignal, noonMs, recordsOf, simulate } from '../testing/config.ts'
import type { SimulatedRecord } from '../record.ts'

const exact = (name: string, unit: string, base: number) => aSignal({ name, unit, base, noise: 0 })

/** Ten readings of one device at noon sharp, its messages as they are sent. */
function messagesOf(format: SimulatorConfig['format'], profile: Partial<SimulatorConfig['profiles'][number]>, changes: (config: SimulatorConfig) => void = () => {}): SimulatedRecord[] {
  const config = aConfig((c) => {
    c.format = format
    c.devices = { list: [{ device_id: 'RTU-001', device_type: 'rooftop_unit', location: 'roof-north', building_id: 'building-a' }] }
    c.profiles = [{ name: 'rooftop_unit', weight: 1, signals: [], categories: [], ...profile }]
    c.messages = 2
  }, changes)
  return recordsOf(config)
}

/** The message with the only thing that depends on the device's phase put to noon. */
const atNoon = ({ value, eventTimeMs }: SimulatedRecord) => value.replace(new Date(eventTimeMs).toISOString(), '2026-07-01T12:00:00.000Z')

describe('presets, to the letter', () => {
  test('SensorReading', () => {
    const [record] = messagesOf({ preset: 'SensorReading' }, { signals: [exact('temperature', '°C', 25.5)] })
    expect(atNoon(record!)).toBe('{"sensor_id":"RTU-001","timestamp":"2026-07-01T12:00:00.000Z","metric":"temperature","value":25.5,"meta":{"unit":"°C","location":"roof-north"}}')
    expect(record).toMatchObject({ key: 'RTU-001', fault: undefined, partition: undefined, createTimeMs: undefined })
    expect(record!.eventTimeMs).toBe(record!.dueMs)
    expect(record!.eventTimeMs - noonMs).toBeLessThan(1_100)
  })

  test('DeviceMetric, a message for each signal at the same moment', () => {
    const records = messagesOf({ preset: 'DeviceMetric' }, { signals: [exact('supply_air_temp', '°F', 72.5), exact('fan_speed', '%', 65)] })
    expect(records.map(atNoon)).toEqual([
      '{"device_id":"RTU-001","device_type":"rooftop_unit","timestamp":"2026-07-01T12:00:00.000Z","metric_name":"supply_air_temp","metric_value":72.5,"unit":"°F","location":"roof-north","building_id":"building-a"}',
      '{"device_id":"RTU-001","device_type":"rooftop_unit","timestamp":"2026-07-01T12:00:00.000Z","metric_name":"fan_speed","metric_value":65,"unit":"%","location":"roof-north","building_id":"building-a"}',
    ])
    expect(records[0]!.eventTimeMs).toBe(records[1]!.eventTimeMs)
  })

  test('AccessEvent', () => {
    const [first, second] = messagesOf(
      { preset: 'AccessEvent' },
      { categories: [{ name: 'event_type', values: [{ value: 'open', weight: 1 }] }, { name: 'trigger_source', values: [{ value: 'key"pad', weight: 1 }] }] },
    )
    const { event_id: id } = JSON.parse(first!.value) as { event_id: string }
    expect(atNoon(first!)).toBe(`{"event_id":"${id}","device_id":"RTU-001","event_ts":"2026-07-01T12:00:00.000Z","event_type":"open","trigger_source":"key\\"pad"}`)
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(second!.value).not.toContain(id)
  })

  test('DeviceHealth, with is_online true', () => {
    const [record] = messagesOf({ preset: 'DeviceHealth' }, { signals: [exact('battery_pct', '%', 81.2), exact('signal_strength_dbm', 'dBm', -62)] })
    expect(atNoon(record!)).toBe('{"device_id":"RTU-001","reported_at":"2026-07-01T12:00:00.000Z","battery_pct":81.2,"signal_strength_dbm":-62,"is_online":true}')
  })

  test.each([
    ['a signal', { signals: [exact('is_online', '', 0.2)] }],
    ['a category', { categories: [{ name: 'is_online', values: [{ value: 'false', weight: 1 }] }] }],
  ])('DeviceHealth, with is_online from %s', (_, { signals = [], categories = [] }: Partial<SimulatorConfig['profiles'][number]>) => {
    const [record] = messagesOf({ preset: 'DeviceHealth' }, { signals: [exact('battery_pct', '%', 81), exact('signal_strength_dbm', 'dBm', -62), ...signals], categories })
    expect(JSON.parse(record!.value)).toMatchObject({ is_online: false })
  })

  test('NetworkFlow, flat, with the event time as CreateTime', () => {
    const [record] = messagesOf({ preset: 'NetworkFlow' }, { signals: [exact('duration', 's', 12.25), exact('Protocol Type', '', 6)], categories: [{ name: 'state', values: [{ value: 'SF', weight: 1 }] }] })
    const { flow_id: id } = JSON.parse(record!.value) as { flow_id: string }
    expect(atNoon(record!)).toBe(`{"flow_id":"${id}","timestamp":"2026-07-01T12:00:00.000Z","duration":12.25,"Protocol Type":6,"state":"SF"}`)
    expect(record!.createTimeMs).toBe(record!.eventTimeMs)
  })

  test('ids and names are escaped', () => {
    const [record] = messagesOf({ preset: 'SensorReading' }, { signals: [exact('a "quoted" name', '\\', 1)] }, (config) => {
      config.devices = { list: [{ device_id: 'x"\n', device_type: 'rooftop_unit' }] }
    })
    expect(JSON.parse(record!.value)).toMatchObject({ sensor_id: 'x"\n', metric: 'a "quoted" name', meta: { unit: '\\', location: null } })
    expect(record!.key).toBe('x"\n')
  })
})

describe('templates', () => {
  const signals = [exact('t', '°C', 21.5), exact('h', '%', 40)]
  test('with a value make a message of each signal, quoted as it stands', () => {
    const [record] = messagesOf({ template: '{"d":"{{device}}","type":{{deviceType}},"ms":{{timeMs}},"m":{{ metric }},"v":{{value}},"u":"in {{unit}}","l":{{location}},"b":{{building}}}' }, { signals })
    expect(record!.value).toBe(`{"d":"RTU-001","type":"rooftop_unit","ms":${record!.eventTimeMs},"m":"t","v":21.5,"u":"in °C","l":"roof-north","b":"building-a"}`)
    expect(record!.createTimeMs).toBeUndefined()
  })

  test('with values make one message of all', () => {
    const categories = [{ name: 'mode', values: [{ value: 'say "auto"', weight: 1 }] }]
    const [record] = messagesOf({ template: '[{{values.t}},{{values.h}},{{values.mode}},"mode: {{values.mode}}"]' }, { signals, categories })
    expect(record!.value).toBe('[21.5,40,"say \\"auto\\"","mode: say \\"auto\\""]')
    expect(record!.createTimeMs).toBe(record!.eventTimeMs)
  })

  test.each([
    ['{"a":{{vlaue}}}', 'The template names {{vlaue}}, which is not known: write one of device, deviceType, time, timeMs, metric, value, unit, location, building, id or values.NAME'],
    ['{"a":{{values.x}}}', 'The template names {{values.x}}, which profile "rooftop_unit" has not: it has t, h'],
    ['{"a":{{value}},"b":{{values.t}}}', 'The template mixes {{metric}}, {{value}} or {{unit}}, which make a message of each signal, with {{values.NAME}}, which makes one message of all: write either'],
    ['{"a":{{value}}', 'The template does not make valid JSON: a message would be {"a":1'],
  ])('%s is refused', (template, message) => {
    expect(() => messagesOf({ template }, { signals })).toThrow(message)
  })
})

describe('what a format cannot say', () => {
  const words = [{ name: 'mode', values: [{ value: 'a', weight: 1 }] }]
  test.each<[SimulatorConfig['format'], Partial<SimulatorConfig['profiles'][number]>, string]>([
    [{}, {}, 'Simulated devices need a message shape: write format.preset or format.template'],
    [{ preset: 'SensorReading' }, {}, 'Profile "rooftop_unit" has no signals, and SensorReading sends one message for each: write at least one'],
    [{ preset: 'DeviceMetric' }, { signals: [exact('t', '', 1)], categories: words }, 'Profile "rooftop_unit" has categories, which DeviceMetric cannot say: leave them out, or write a template'],
    [{ preset: 'AccessEvent' }, { categories: words }, 'Profile "rooftop_unit" has no category "event_type", which AccessEvent must say: write it with its values'],
    [{ preset: 'DeviceHealth' }, { signals: [exact('battery_pct', '', 1)] }, 'Profile "rooftop_unit" has no signal "signal_strength_dbm", which DeviceHealth must say: write it'],
    [{ preset: 'NetworkFlow' }, { signals: [exact('flow_id', '', 1)] }, 'Profile "rooftop_unit" names a signal "flow_id", which NetworkFlow writes itself: choose another name'],
    [{ preset: 'NetworkFlow' }, { categories: words }, 'Profile "rooftop_unit" has no signals: a flow is a record of numbers'],
  ])('%j with %j', (format, profile, message) => {
    expect(() => messagesOf(format, profile)).toThrow(message)
  })
})

test('a partition of the config is the record\'s', () => {
  expect(recordsOf(aConfig((config) => (config.partition = 3)))[0]).toMatchObject({ partition: 3 })
  expect(simulate(aConfig()).devices).toBe(10)
})
