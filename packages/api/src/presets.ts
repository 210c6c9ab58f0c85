import type { ReadingMappingSpec } from './pipeline/source.ts'
import type { PresetName } from './pipeline/source.ts'

/**
 * The mapping behind each preset. Field names are those that the five source systems send
 * (smart access, 10,000 sensors, HVAC fleet, network flows).
 */
export const presets: Record<PresetName, ReadingMappingSpec> = {
  // {sensor_id, timestamp, metric, value, meta: {unit, location}}
  SensorReading: {
    device: '$.sensor_id',
    eventTime: { path: '$.timestamp', format: 'Iso8601' },
    metric: { name: '$.metric', value: '$.value' },
    categories: [],
  },
  // {device_id, device_type, timestamp, metric_name, metric_value, unit, location, building_id}
  DeviceMetric: {
    device: '$.device_id',
    deviceType: '$.device_type',
    eventTime: { path: '$.timestamp', format: 'Iso8601' },
    metric: { name: '$.metric_name', value: '$.metric_value' },
    categories: [],
  },
  // {event_id, device_id, event_ts, event_type, trigger_source}
  AccessEvent: {
    device: '$.device_id',
    eventTime: { path: '$.event_ts', format: 'Iso8601' },
    categories: [{ name: 'event_type', path: '$.event_type', values: ['open', 'close', 'fail'] }],
  },
  // {device_id, reported_at, battery_pct, signal_strength_dbm, is_online}
  DeviceHealth: {
    device: '$.device_id',
    eventTime: { path: '$.reported_at', format: 'Iso8601' },
    values: [
      { name: 'battery_pct', path: '$.battery_pct' },
      { name: 'signal_strength_dbm', path: '$.signal_strength_dbm' },
      { name: 'is_online', path: '$.is_online' },
    ],
    categories: [],
  },
  // a flat record of numbers; the device is the record's key
  NetworkFlow: {
    allNumbers: { except: ['flow_id', 'timestamp'] },
    categories: [],
  },
}
