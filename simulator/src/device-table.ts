import type { SimulatorConfig } from '@tidewatch/api'
import { keysOf, type FleetPlan } from './devices.ts'
import { compilePieces, type Layout } from './formats/layout.ts'
import { gaussianAt, streams } from './random.ts'
import type { PlannedProfile } from './signals/profile.ts'

/** How far devices run late against the fleet's wave: the standard deviation, as a share of the period. */
const waveShiftDeviation = 0.02

/** A profile with its messages cut up: for each message the dynamic slots, and where its fixed texts begin. */
export interface CompiledProfile {
  profile: PlannedProfile
  layout: Layout
  isBoolean: boolean[]
  messages: { slots: number[]; first: number }[]
}

/** The devices of one shard, field by field, so that a million of them stay small. */
export interface DeviceTable {
  count: number
  ids: string[]
  /** Place in the whole fleet. */
  fleetIndexes: Uint32Array
  profiles: Uint8Array
  keysA: Int32Array
  keysB: Int32Array
  /** Share of the period by which the device runs late against the wave. */
  shifts: Float64Array
  /** Where the device's own means begin in `bases`, one for each signal. */
  offsets: Uint32Array
  bases: Float64Array
  /** The fixed texts of all messages of the device. */
  literals: string[][]
}

/** Cuts up the messages of each profile as far as they are the same for all its devices. */
export function compileProfiles(profiles: readonly PlannedProfile[], layouts: readonly Layout[]): CompiledProfile[] {
  return profiles.map((profile, index) => {
    const layout = layouts[index]!
    let first = 0
    const messages = messageSignals(profile, layout).map((signal) => {
      const { literals, slots } = compilePieces(layout, profile, { id: '', type: '', location: null, building: null, profile: index }, signal)
      const message = { slots, first }
      first += literals.length
      return message
    })
    return { profile, layout, messages, isBoolean: profile.signals.map(({ name }) => layout.booleans?.includes(name) === true) }
  })
}

export function buildDeviceTable(
  config: Pick<SimulatorConfig, 'seed' | 'shards'>,
  shard: number,
  fleet: FleetPlan,
  profiles: readonly CompiledProfile[],
): DeviceTable {
  const count = Math.max(0, Math.ceil((fleet.count - shard) / config.shards))
  const table: DeviceTable = {
    count,
    ids: new Array<string>(count),
    fleetIndexes: new Uint32Array(count),
    profiles: new Uint8Array(count),
    keysA: new Int32Array(count),
    keysB: new Int32Array(count),
    shifts: new Float64Array(count),
    offsets: new Uint32Array(count),
    bases: new Float64Array(0),
    literals: new Array<string[]>(count),
  }
  const bases: number[] = []
  const share = createPool()
  for (let device = 0; device < count; device++) {
    const fleetIndex = shard + device * config.shards
    const identity = fleet.describe(fleetIndex)
    const { profile, layout } = profiles[identity.profile]!
    const [keyA, keyB] = keysOf(identity.id, config.seed)
    table.ids[device] = identity.id
    table.fleetIndexes[device] = fleetIndex
    table.profiles[device] = identity.profile
    table.keysA[device] = keyA
    table.keysB[device] = keyB
    table.shifts[device] = waveShiftDeviation * gaussianAt(keyA, keyB, 0, streams.waveShift)
    table.offsets[device] = bases.length
    profile.signals.forEach(({ base, spread }, s) => bases.push(base + (spread === 0 ? 0 : spread * gaussianAt(keyA, keyB, 0, streams.spread + 2 * s))))
    table.literals[device] = messageSignals(profile, layout).flatMap((signal) => compilePieces(layout, profile, identity, signal, share).literals)
  }
  table.bases = Float64Array.from(bases)
  return table
}

const messageSignals = (profile: PlannedProfile, layout: Layout) => (layout.form === 'long' ? profile.signals : [undefined])

/** Texts beyond this many are the devices' own and not worth a search. */
const poolSize = 10_000

function createPool(): (text: string) => string {
  const pool = new Map<string, string>()
  return (text) => {
    const known = pool.get(text)
    if (known !== undefined) return known
    if (pool.size < poolSize) pool.set(text, text)
    return text
  }
}
