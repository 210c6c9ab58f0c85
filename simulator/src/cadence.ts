import type { SimulatorConfig } from '@tidewatch/api'
import type { DeviceTable } from './device-table.ts'
import type { ActiveIncident, FaultyDevice, Incidents } from './faults/incidents.ts'
import type { PlannedFault } from './faults/plan.ts'
import { streams, uniformAt } from './random.ts'

const isFlood = (fault: PlannedFault): boolean => fault.behaviour.rateFactor !== undefined

/**
 * When each device reads.
 *
 *     join                   + interval             + 2 interval
 *      |---|==jitter==|--------|---|==jitter==|-------|---|==jitter==|----
 *      phase                   phase                  phase
 *
 * A device's reading comes at a random moment of the jitter behind its phase, which leaves room for the jitter
 * in the interval. So each interval after joining holds exactly one reading: none passes the next one, and a
 * run of n intervals is exactly n readings of each device. A flood puts more readings in between, and leaves
 * these where they are.
 */
export class Cadence {
  readonly #intervalMs: number
  readonly #jitterMs: number
  readonly #rampMs: number
  readonly #fleetSize: number
  readonly #startMs: number
  readonly #table: DeviceTable
  readonly #incidents: Incidents
  readonly #hasFlood: boolean
  /** The slot of each device's latest regular reading. */
  readonly #slots: Float64Array
  readonly #isExtra: Uint8Array

  constructor(options: {
    config: Pick<SimulatorConfig, 'intervalMs' | 'jitter' | 'rampMs'>
    fleetSize: number
    startMs: number
    table: DeviceTable
    incidents: Incidents
    faults: readonly PlannedFault[]
  }) {
    const { config, fleetSize, startMs, table, incidents, faults } = options
    this.#intervalMs = config.intervalMs
    this.#jitterMs = config.jitter * config.intervalMs
    this.#rampMs = config.rampMs
    this.#fleetSize = fleetSize
    this.#startMs = startMs
    this.#table = table
    this.#incidents = incidents
    this.#hasFlood = faults.some(isFlood)
    this.#slots = new Float64Array(table.count)
    this.#isExtra = new Uint8Array(table.count)
  }

  joinMs(device: number): number {
    return this.#startMs + (this.#rampMs * this.#table.fleetIndexes[device]!) / this.#fleetSize
  }

  firstMs(device: number): number {
    return this.#slotMs(device, 0)
  }

  /** True when the device's present reading is one that only a flood asks for. */
  isExtra(device: number): boolean {
    return this.#isExtra[device] === 1
  }

  /** The moment of the reading after the one at `atMs`. */
  advance(device: number, atMs: number, view: FaultyDevice, active: readonly ActiveIncident[]): number {
    const slotMs = this.#slotMs(device, this.#slots[device]! + 1)
    if (this.#hasFlood) {
      const extraMs = this.#nextExtra(device, atMs, slotMs, view, active)
      if (extraMs !== undefined) {
        this.#isExtra[device] = 1
        return extraMs
      }
      this.#isExtra[device] = 0
    }
    this.#slots[device]!++
    return slotMs
  }

  #slotMs(device: number, slot: number): number {
    const keyA = this.#table.keysA[device]!
    const keyB = this.#table.keysB[device]!
    const phaseMs = (this.#intervalMs - this.#jitterMs) * uniformAt(keyA, keyB, 0, streams.phase)
    const jitterMs = this.#jitterMs === 0 ? 0 : this.#jitterMs * uniformAt(keyA, keyB, slot, streams.jitter)
    return this.joinMs(device) + phaseMs + slot * this.#intervalMs + jitterMs
  }

  #nextExtra(device: number, atMs: number, slotMs: number, view: FaultyDevice, active: readonly ActiveIncident[]): number | undefined {
    let extraMs = Infinity
    for (const incident of active) {
      const factor = incident.fault.behaviour.rateFactor?.(incident) ?? 1
      if (factor <= 1) continue
      const stepMs = this.#intervalMs / factor
      // A share of the step as random as jitter makes the interval.
      const random = uniformAt(view.keyA, view.keyB, Math.floor(atMs), streams.flood) - 0.5
      const candidateMs = atMs + stepMs + (this.#jitterMs / factor) * random
      // Nearer than half a step to the regular reading, that one stands for it.
      if (candidateMs < incident.endMs && candidateMs + stepMs / 2 < slotMs) extraMs = Math.min(extraMs, candidateMs)
    }
    const startMs = this.#incidents.nextStart(view, atMs, Math.min(slotMs, extraMs), isFlood)
    if (startMs !== undefined) extraMs = Math.ceil(startMs)
    return extraMs < slotMs ? extraMs : undefined
  }
}
