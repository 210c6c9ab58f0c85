import { FleetInvalid } from '../errors.ts'
import { objectOf, slot, valueOf, type MessageFormat, type Token } from './layout.ts'
import { namesOf } from './requirements.ts'

/** `{event_id, device_id, event_ts, event_type, trigger_source}`, and whatever else the profile has. */
export const accessEvent: MessageFormat = {
  carriesEventTime: true,
  plan(profile) {
    const isCategory = (wanted: string) => profile.categories.some(({ name }) => name === wanted)
    if (!isCategory('event_type')) {
      throw new FleetInvalid(`Profile "${profile.name}" has no category "event_type", which AccessEvent must say: write it with its values`)
    }
    const source: Token = isCategory('trigger_source') ? valueOf('trigger_source') : 'null'
    const others = namesOf(profile).filter((name) => name !== 'event_type' && name !== 'trigger_source')
    return {
      form: 'wide',
      tokens: objectOf([
        ['event_id', slot('id')],
        ['device_id', slot('device')],
        ['event_ts', slot('time')],
        ['event_type', valueOf('event_type')],
        ['trigger_source', source],
        ...others.map((name): [string, Token] => [name, valueOf(name)]),
      ]),
    }
  },
}
