import { streams, uniformAt } from '../random.ts'
import type { Incident } from './fault.ts'
import type { PlannedFault } from './plan.ts'

/** An incident with the fault it belongs to. */
export interface ActiveIncident extends Incident {
  readonly fault: PlannedFault
  readonly repetition: number
}

/** A device as the faults know it. */
export interface FaultyDevice {
  /** Place in this shard. */
  index: number
  /** Place in the fleet. */
  fleetIndex: number
  profile: number
  keyA: number
  keyB: number
}

const none: readonly ActiveIncident[] = []
const choiceOffset = 128
const startOffset = 129
const incidentOffset = 192

/**
 * Which incidents each device is in.
 *
 *     firstMs          + every            + 2 every
 *        |-- repetition 0 --|-- repetition 1 --|
 *        [incident]         [incident]               devices, share: at the repetition's start
 *            [incident]                              probability: drawn for each device and repetition, somewhere in it
 *
 * When nothing is active, the next moment at which that can change is kept, so that a reading outside of all
 * incidents costs one comparison.
 */
export class Incidents {
  readonly #faults: readonly PlannedFault[]
  readonly #quietUntilMs: Float64Array
  readonly #activeByDevice = new Map<number, ActiveIncident[]>()

  constructor(faults: readonly PlannedFault[], devices: number) {
    this.#faults = faults
    this.#quietUntilMs = new Float64Array(devices).fill(faults.length === 0 ? Infinity : -Infinity)
  }

  /** True while none can be active at `timeMs`; never true in an incident. */
  isQuiet(device: number, timeMs: number): boolean {
    return timeMs < this.#quietUntilMs[device]!
  }

  /** The incidents that the device is in, in the manifest's order. Times must not fall from call to call. */
  at(device: FaultyDevice, timeMs: number): readonly ActiveIncident[] {
    if (this.isQuiet(device.index, timeMs)) return none
    const before = this.#activeByDevice.get(device.index) ?? none
    const active: ActiveIncident[] = []
    let nextMs = Infinity
    for (const fault of this.#faults) {
      if (fault.targets[device.profile] === undefined) continue
      if (fault.probability === undefined && !fault.chosen.has(device.fleetIndex)) continue
      if (timeMs < fault.firstMs) {
        nextMs = Math.min(nextMs, fault.firstMs)
        continue
      }
      const repetition = fault.everyMs === undefined ? 0 : Math.floor((timeMs - fault.firstMs) / fault.everyMs)
      if (fault.everyMs !== undefined) nextMs = Math.min(nextMs, fault.firstMs + (repetition + 1) * fault.everyMs)
      const startMs = startOf(fault, device, repetition)
      if (startMs === undefined || timeMs >= startMs + fault.durationMs) continue
      if (timeMs < startMs) {
        nextMs = Math.min(nextMs, startMs)
        continue
      }
      active.push(before.find((one) => one.fault === fault && one.repetition === repetition) ?? createIncident(fault, device, repetition, startMs))
    }
    if (active.length > 0) {
      this.#activeByDevice.set(device.index, active)
      this.#quietUntilMs[device.index] = -Infinity
    } else {
      if (before.length > 0) this.#activeByDevice.delete(device.index)
      this.#quietUntilMs[device.index] = nextMs
    }
    return active
  }

  /** When the first incident that `isWanted` begins for the device, strictly between the two moments; undefined: none does. */
  nextStart(device: FaultyDevice, afterMs: number, beforeMs: number, isWanted: (fault: PlannedFault) => boolean): number | undefined {
    let found: number | undefined
    for (const fault of this.#faults) {
      if (!isWanted(fault) || fault.targets[device.profile] === undefined) continue
      if (fault.probability === undefined && !fault.chosen.has(device.fleetIndex)) continue
      const everyMs = fault.everyMs ?? Infinity
      const last = Math.floor((beforeMs - fault.firstMs) / everyMs)
      for (let repetition = Math.max(0, Math.floor((afterMs - fault.firstMs) / everyMs)); repetition <= last; repetition++) {
        const startMs = startOf(fault, device, repetition)
        if (startMs === undefined || startMs <= afterMs || startMs >= beforeMs) continue
        found = Math.min(found ?? Infinity, startMs)
        break
      }
    }
    return found
  }
}

/** When the device's incident of a repetition begins; undefined: it has none. */
function startOf(fault: PlannedFault, { keyA, keyB }: FaultyDevice, repetition: number): number | undefined {
  const repetitionMs = fault.everyMs === undefined ? fault.firstMs : fault.firstMs + repetition * fault.everyMs
  if (fault.probability === undefined) return repetitionMs
  const stream = streams.fault + 256 * fault.index
  if (uniformAt(keyA, keyB, repetition, stream + choiceOffset) >= fault.probability) return undefined
  if (fault.everyMs === undefined) return repetitionMs
  // Whole inside its repetition, so that two of them never overlap.
  return repetitionMs + uniformAt(keyA, keyB, repetition, stream + startOffset) * (fault.everyMs - fault.durationMs)
}

function createIncident(fault: PlannedFault, { keyA, keyB }: FaultyDevice, repetition: number, startMs: number): ActiveIncident {
  const remembered = new Map<string, number | string>()
  return {
    fault,
    repetition,
    index: fault.index,
    magnitude: fault.magnitude,
    startMs,
    endMs: startMs + fault.durationMs,
    uniform: (signal) => uniformAt(keyA, keyB, repetition, streams.fault + 256 * fault.index + incidentOffset + signal),
    remember<T extends number | string>(key: string, compute: () => T): T {
      const known = remembered.get(key)
      if (known !== undefined) return known as T
      const value = compute()
      remembered.set(key, value)
      return value
    },
  }
}
