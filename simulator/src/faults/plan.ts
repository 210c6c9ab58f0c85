import type { ResolvedFault, SimulatorConfig } from '@tidewatch/api'
import { mulberry32 } from '@tidewatch/kit'
import type { FleetPlan } from '../devices.ts'
import { FleetInvalid } from '../errors.ts'
import type { PlannedProfile } from '../signals/profile.ts'
import type { FaultBehaviour } from './fault.ts'
import { faultBehaviours } from './index.ts'
import { planTargets, type Target } from './target.ts'

/** A fault with its choice of devices made. */
export interface PlannedFault {
  index: number
  behaviour: FaultBehaviour
  magnitude: number
  /** Event time at which the first repetition begins. */
  firstMs: number
  /** Never longer than `everyMs`. */
  durationMs: number
  /** Undefined: there is one repetition only. */
  everyMs: number | undefined
  /** Undefined: the devices in `chosen`, each time. */
  probability: number | undefined
  /** Places in the whole fleet. */
  chosen: ReadonlySet<number>
  /** By profile. */
  targets: (Target | undefined)[]
}

/** @throws FleetInvalid when a fault names a device or a signal that is not there. */
export function planFaults(
  config: Pick<SimulatorConfig, 'faults' | 'seed'>,
  fleet: FleetPlan,
  profiles: readonly PlannedProfile[],
  startMs: number,
): PlannedFault[] {
  return config.faults.map((fault, index) => {
    const label = `Fault ${index + 1} (${fault.kind})`
    const behaviour = faultBehaviours[fault.kind]
    const targets = planTargets(fault, behaviour, profiles, label)
    return {
      index,
      behaviour,
      magnitude: fault.magnitude,
      firstMs: startMs + fault.startMs,
      durationMs: Math.min(fault.durationMs, fault.everyMs ?? Infinity),
      everyMs: fault.everyMs,
      probability: fault.selector.probability,
      chosen: chooseDevices(fault, fleet, targets, config.seed ^ Math.imul(index + 1, 0x85ebca6b), label),
      targets,
    }
  })
}

function chooseDevices(
  { selector }: ResolvedFault,
  fleet: FleetPlan,
  targets: readonly (Target | undefined)[],
  seed: number,
  label: string,
): Set<number> {
  if (selector.devices !== undefined) return findNamed(selector.devices, fleet, targets, label)
  if (selector.share !== undefined) return chooseShare(selector.share, fleet, targets, seed)
  return new Set()
}

function findNamed(names: readonly string[], fleet: FleetPlan, targets: readonly (Target | undefined)[], label: string): Set<number> {
  const wanted = new Set(names)
  const found = new Set<number>()
  for (let index = 0; index < fleet.count && wanted.size > 0; index++) {
    const { id, profile } = fleet.describe(index)
    if (!wanted.delete(id)) continue
    if (targets[profile] === undefined) throw new FleetInvalid(`${label} names the device "${id}", which has none of its signals`)
    found.add(index)
  }
  const [missing] = wanted
  if (missing !== undefined) throw new FleetInvalid(`${label} names the device "${missing}", which the fleet has not: its first is "${fleet.describe(0).id}"`)
  return found
}

/** A fixed choice of that share (at least one) of the devices that the fault can act on. */
function chooseShare(share: number, fleet: FleetPlan, targets: readonly (Target | undefined)[], seed: number): Set<number> {
  const candidates: number[] = []
  for (let index = 0; index < fleet.count; index++) if (targets[fleet.describe(index).profile] !== undefined) candidates.push(index)
  const wanted = Math.max(1, Math.round(share * candidates.length))
  const uniform = mulberry32(seed)
  // Fisher and Yates, as far as needed.
  for (let i = 0; i < wanted && i < candidates.length; i++) {
    const other = i + Math.floor(uniform() * (candidates.length - i))
    const chosen = candidates[other]!
    candidates[other] = candidates[i]!
    candidates[i] = chosen
  }
  return new Set(candidates.slice(0, wanted))
}
