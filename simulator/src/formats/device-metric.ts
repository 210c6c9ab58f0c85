import { objectOf, slot, type MessageFormat } from './layout.ts'
import { needSignalsOnly } from './requirements.ts'

/** `{device_id, device_type, timestamp, metric_name, metric_value, unit, location, building_id}`, one message for each signal. */
export const deviceMetric: MessageFormat = {
  carriesEventTime: true,
  plan(profile) {
    needSignalsOnly(profile, 'DeviceMetric')
    return {
      form: 'long',
      tokens: objectOf([
        ['device_id', slot('device')],
        ['device_type', slot('deviceType')],
        ['timestamp', slot('time')],
        ['metric_name', slot('metric')],
        ['metric_value', slot('value')],
        ['unit', slot('unit')],
        ['location', slot('location')],
        ['building_id', slot('building')],
      ]),
    }
  },
}
