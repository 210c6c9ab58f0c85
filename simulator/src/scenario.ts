import type { SimulatorConfig } from '@tidewatch/api'
import { Cadence } from './cadence.ts'
import { Composer } from './composer.ts'
import { buildDeviceTable, compileProfiles, type CompiledProfile, type DeviceTable } from './device-table.ts'
import { planFleet } from './devices.ts'
import { FleetInvalid } from './errors.ts'
import { Incidents, type FaultyDevice } from './faults/incidents.ts'
import { planFaults, type PlannedFault } from './faults/plan.ts'
import { chooseFormat } from './formats/index.ts'
import { HeldBack } from './held-back.ts'
import { messageLimitOf } from './limit.ts'
import type { SimulatedRecord } from './record.ts'
import { Schedule } from './schedule.ts'
import { planProfile } from './signals/profile.ts'
import { planTimeline, type Timeline } from './timeline.ts'

export interface SimulationOptions {
  /** Which of the fleet's shards, from 0. Device i (from 0) belongs to shard i modulo `shards`. */
  shard: number
  /** The wall clock at the run's beginning, ms since the epoch. */
  nowMs: number
}

/**
 * A fleet's records in the order in which they are sent. Iterating does not touch clock or chance, and doing it
 * again gives the same records.
 */
export interface Simulation extends Iterable<SimulatedRecord>, Timeline {
  /** Devices of this shard. */
  devices: number
  /** How many of them have joined at a moment of event time. */
  activeDevicesAt: (dueMs: number) => number
}

interface Plan {
  config: SimulatorConfig
  fleetSize: number
  profiles: CompiledProfile[]
  faults: PlannedFault[]
  table: DeviceTable
  timeline: Timeline
  carriesEventTime: boolean
  /** Records after which this shard ends. */
  limit: number
}

/**
 * The records of simulated devices: the same config, shard and `nowMs` give the same bytes, and a device's
 * records do not depend on the shard that it falls into (but `messages` is split over the shards, so only
 * `duration` ends all of them at the same moment).
 *
 * With several faults at once, values pass through them in the manifest's order and the label is the first's.
 *
 * @throws FleetInvalid with one sentence when the config asks for what cannot be: see the parts.
 */
export function createSimulation(config: SimulatorConfig, { shard, nowMs }: SimulationOptions): Simulation {
  const plan = planSimulation(config, shard, nowMs)
  const { table, timeline, fleetSize } = plan
  return {
    ...timeline,
    devices: table.count,
    activeDevicesAt(dueMs) {
      if (dueMs < timeline.startMs) return 0
      const joined = config.rampMs === 0 ? fleetSize : Math.min(fleetSize, Math.floor(((dueMs - timeline.startMs) / config.rampMs) * fleetSize) + 1)
      return Math.max(0, Math.ceil((joined - shard) / config.shards))
    },
    [Symbol.iterator]: () => generate(plan),
  }
}

function planSimulation(config: SimulatorConfig, shard: number, nowMs: number): Plan {
  if (!(shard >= 0 && shard < config.shards)) throw new FleetInvalid(`Shard ${shard} is not one of the fleet's ${config.shards}, which count from 0`)
  const format = chooseFormat(config.format)
  const planned = config.profiles.map(planProfile)
  const profiles = compileProfiles(planned, planned.map((profile) => format.plan(profile)))
  const fleet = planFleet(config.devices, planned)
  const recordsPerMs = countMessages(fleet.count, profiles) / config.intervalMs
  const timeline = planTimeline(config, nowMs, recordsPerMs)
  const faults = planFaults(config, fleet, planned, timeline.startMs)
  const table = buildDeviceTable(config, shard, fleet, profiles)
  return { config, fleetSize: fleet.count, profiles, faults, table, timeline, carriesEventTime: format.carriesEventTime, limit: messageLimitOf(config, shard) }
}

/** Records of one round of the fleet; by the profiles' weights, which is near enough for an estimate. */
function countMessages(devices: number, profiles: readonly CompiledProfile[]): number {
  const total = profiles.reduce((sum, { profile }) => sum + profile.weight, 0)
  return devices * profiles.reduce((sum, { profile, messages }) => sum + (profile.weight / total) * messages.length, 0)
}

function* generate({ config, fleetSize, profiles, faults, table, timeline, carriesEventTime, limit }: Plan): Generator<SimulatedRecord, void, undefined> {
  const { startMs, endMs = Infinity } = timeline
  const incidents = new Incidents(faults, table.count)
  const cadence = new Cadence({ config, fleetSize, startMs, table, incidents, faults })
  const schedule = new Schedule({
    count: table.count,
    startMs,
    intervalMs: config.intervalMs,
    joinMs: (device) => cadence.joinMs(device),
    firstMs: (device) => cadence.firstMs(device),
  })
  const composer = new Composer({ table, profiles, partition: config.partition, carriesEventTime })
  const held = new HeldBack()
  const view: FaultyDevice = { index: 0, fleetIndex: 0, profile: 0, keyA: 0, keyB: 0 }
  const records: SimulatedRecord[] = []
  let left = limit

  while (left > 0) {
    const device = schedule.next()
    const atMs = schedule.timeMs
    const isOver = device === -1 || atMs >= endMs
    const dueMs = Math.floor(atMs)
    // What is held back at the end is still sent, late as it is.
    while (held.dueMs <= (isOver ? Number.MAX_VALUE : dueMs) && left > 0) {
      yield held.take()
      left--
    }
    if (isOver) return

    view.index = device
    view.fleetIndex = table.fleetIndexes[device]!
    view.profile = table.profiles[device]!
    view.keyA = table.keysA[device]!
    view.keyB = table.keysB[device]!
    const active = incidents.at(view, dueMs)
    records.length = 0
    composer.compose(device, dueMs, active, cadence.isExtra(device), records)
    schedule.add(device, cadence.advance(device, atMs, view, active))
    for (let i = 0; i < records.length && left > 0; i++) {
      const record = records[i]!
      if (record.dueMs > dueMs) held.add(record)
      else {
        yield record
        left--
      }
    }
  }
}
