import type { SimulatorConfig } from '@tidewatch/api'
import { hashString } from '@tidewatch/kit'
import { FleetInvalid } from './errors.ts'
import type { PlannedProfile } from './signals/profile.ts'

/** What is known of a device before its first reading. */
export interface DeviceIdentity {
  id: string
  type: string
  /** Null where a listed device names none. */
  location: string | null
  building: string | null
  /** Index in the profiles. */
  profile: number
}

/** The whole fleet, of which a shard simulates every `shards`-th device. */
export interface FleetPlan {
  count: number
  describe(index: number): DeviceIdentity
}

const goldenRatio = (Math.sqrt(5) - 1) / 2
const zones = 24
const buildings = 4

/**
 * Names the devices of a fleet. Counted ones are numbered from 1, take profiles in proportion to their weights
 * (evenly mixed: any hundred neighbours have nearly the fleet's mixture) and are spread over 24 zones of 4
 * buildings; listed ones take the profile that is named like their type.
 *
 * @throws FleetInvalid when a listed device's type names no profile, or an id is listed twice.
 */
export function planFleet(devices: SimulatorConfig['devices'], profiles: readonly PlannedProfile[]): FleetPlan {
  if ('replay' in devices) throw new FleetInvalid('A recording has no devices to simulate')
  if (profiles.length === 0) throw new FleetInvalid('Simulated devices need at least one profile: write profiles with their signals')
  return 'list' in devices ? planList(devices.list, profiles) : planCount(devices, profiles)
}

function planCount({ count, idPattern }: { count: number; idPattern: string }, profiles: readonly PlannedProfile[]): FleetPlan {
  const nameOf = compileIdPattern(idPattern)
  const total = profiles.reduce((sum, { weight }) => sum + weight, 0)
  let reached = 0
  const shares = profiles.map(({ weight }) => (reached += weight) / total)
  return {
    count,
    describe: (index) => {
      const position = ((index + 0.5) * goldenRatio) % 1
      const found = shares.findIndex((share) => position < share)
      const profile = found === -1 ? profiles.length - 1 : found
      const zone = index % zones
      return {
        id: nameOf(index + 1),
        type: profiles[profile]!.name,
        location: `zone-${String(zone + 1).padStart(2, '0')}`,
        building: `building-${(zone % buildings) + 1}`,
        profile,
      }
    },
  }
}

function planList(list: Extract<SimulatorConfig['devices'], { list: unknown }>['list'], profiles: readonly PlannedProfile[]): FleetPlan {
  const seen = new Set<string>()
  const identities = list.map(({ device_id: id, device_type: type, location, building_id: building }): DeviceIdentity => {
    if (seen.has(id)) throw new FleetInvalid(`Device "${id}" is listed twice`)
    seen.add(id)
    const profile = type === undefined && profiles.length === 1 ? 0 : profiles.findIndex(({ name }) => name === type)
    if (profile === -1) {
      const names = profiles.map(({ name }) => `"${name}"`).join(', ')
      throw new FleetInvalid(
        type === undefined
          ? `Device "${id}" has no device_type, and there are several profiles: write one of ${names}`
          : `Device "${id}" is of type "${type}", but no profile has that name: the profiles are ${names}`,
      )
    }
    return { id, type: type ?? profiles[0]!.name, location: location ?? null, building: building ?? null, profile }
  })
  return { count: identities.length, describe: (index) => identities[index]! }
}

/** `sensor_%06d` with 1 is `sensor_000001`. */
export function compileIdPattern(pattern: string): (number: number) => string {
  const match = /^([^%]*)%(0?)(\d*)d([^%]*)$/.exec(pattern)
  if (match === null) throw new FleetInvalid(`"${pattern}" is not an id pattern: it holds one number, for example "sensor_%06d"`)
  const [, before = '', zero = '', width = '', after = ''] = match
  const fill = zero === '0' ? '0' : ' '
  return (number) => `${before}${String(number).padStart(Number(width), fill)}${after}`
}

/** Two 32-bit keys of a device's random numbers: from its id and the fleet's seed, not from its place in the list. */
export function keysOf(id: string, seed: number): [number, number] {
  return [hashString(id) ^ Math.imul(seed, 0x9e3779b1), hashString(id, 0x01000193 ^ seed)]
}
