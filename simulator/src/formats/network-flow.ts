import { FleetInvalid } from '../errors.ts'
import { objectOf, slot, valueOf, type MessageFormat, type Token } from './layout.ts'
import { namesOf } from './requirements.ts'

/**
 * `{flow_id, timestamp, <every signal and category>}`, flat. Readers of this preset take the event time from
 * the record, so it is the record's CreateTime as well.
 */
export const networkFlow: MessageFormat = {
  carriesEventTime: false,
  plan(profile) {
    const names = namesOf(profile)
    if (profile.signals.length === 0) throw new FleetInvalid(`Profile "${profile.name}" has no signals: a flow is a record of numbers`)
    const taken = names.find((name) => name === 'flow_id' || name === 'timestamp')
    if (taken !== undefined) throw new FleetInvalid(`Profile "${profile.name}" names a signal "${taken}", which NetworkFlow writes itself: choose another name`)
    return {
      form: 'wide',
      tokens: objectOf([['flow_id', slot('id')], ['timestamp', slot('time')], ...names.map((name): [string, Token] => [name, valueOf(name)])]),
    }
  },
}
