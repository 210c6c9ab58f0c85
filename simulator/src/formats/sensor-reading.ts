import { objectOf, slot, type MessageFormat } from './layout.ts'
import { needSignalsOnly } from './requirements.ts'

/** `{sensor_id, timestamp, metric, value, meta: {unit, location}}`, one message for each signal. */
export const sensorReading: MessageFormat = {
  carriesEventTime: true,
  plan(profile) {
    needSignalsOnly(profile, 'SensorReading')
    return {
      form: 'long',
      tokens: objectOf([
        ['sensor_id', slot('device')],
        ['timestamp', slot('time')],
        ['metric', slot('metric')],
        ['value', slot('value')],
        ['meta', objectOf([['unit', slot('unit')], ['location', slot('location')]])],
      ]),
    }
  },
}
