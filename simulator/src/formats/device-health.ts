import { FleetInvalid } from '../errors.ts'
import { objectOf, slot, valueOf, type MessageFormat, type Token } from './layout.ts'
import { namesOf } from './requirements.ts'

const online = 'is_online'

/**
 * `{device_id, reported_at, battery_pct, signal_strength_dbm, is_online}`, and whatever else the profile has.
 * `is_online` is a boolean: true, unless the profile has a signal (0.5 and above is true) or a category (with
 * the values true and false) of that name.
 */
export const deviceHealth: MessageFormat = {
  carriesEventTime: true,
  plan(profile) {
    const names = namesOf(profile)
    const missing = ['battery_pct', 'signal_strength_dbm'].find((name) => !names.includes(name))
    if (missing !== undefined) throw new FleetInvalid(`Profile "${profile.name}" has no signal "${missing}", which DeviceHealth must say: write it`)
    const words = profile.categories.find(({ name }) => name === online)?.values
    if (words !== undefined && words.some((value) => value !== 'true' && value !== 'false')) {
      throw new FleetInvalid(`Category "${online}" of profile "${profile.name}" may only have the values true and false: DeviceHealth sends a boolean`)
    }
    const others = names.filter((name) => !['battery_pct', 'signal_strength_dbm', online].includes(name))
    return {
      form: 'wide',
      booleans: [online],
      tokens: objectOf([
        ['device_id', slot('device')],
        ['reported_at', slot('time')],
        ['battery_pct', valueOf('battery_pct')],
        ['signal_strength_dbm', valueOf('signal_strength_dbm')],
        [online, names.includes(online) ? valueOf(online, 'bare') : 'true'],
        ...others.map((name): [string, Token] => [name, valueOf(name)]),
      ]),
    }
  },
}
