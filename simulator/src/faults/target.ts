import type { ResolvedFault } from '@tidewatch/api'
import { FleetInvalid } from '../errors.ts'
import type { PlannedProfile } from '../signals/profile.ts'
import type { FaultBehaviour } from './fault.ts'

/** What a fault acts on in one profile. */
export interface Target {
  /** By index of the signal. */
  signals: boolean[]
  /** By index of the category: the values whose weight changes (or, for a fault that holds, that it holds). */
  categories: { isHeld: boolean; weighed: boolean[] }[]
}

/**
 * Works out what a fault acts on in each profile; undefined where it finds nothing to act on.
 *
 * A fault of transport (dropout, duplicate, ...) acts on messages: of the named signals in the long form, on
 * every message in the wide one. A fault of values acts on the named signals, or on all; on a category only
 * where one is named: by `category=value`, or for `stuck` by its name or when no signal is named at all.
 *
 * @throws FleetInvalid when a name fits no profile, or the fault has nothing to act on anywhere.
 */
export function planTargets(fault: ResolvedFault, behaviour: FaultBehaviour, profiles: readonly PlannedProfile[], label: string): (Target | undefined)[] {
  const named = fault.selector.signals
  const changesValues = behaviour.distort !== undefined
  for (const name of named ?? []) checkName(name, behaviour, changesValues, profiles, label)

  const targets = profiles.map((profile): Target | undefined => {
    const signals = profile.signals.map(({ name }) => named === undefined || named.includes(name))
    const categories = profile.categories.map((category) => ({
      isHeld: behaviour.holdsCategories === true && (named === undefined || named.includes(category.name)),
      weighed: category.values.map((value) => behaviour.weigh !== undefined && named?.includes(`${category.name}=${value}`) === true),
    }))
    const isMessageChosen = !changesValues && (named === undefined || namesAnything(named, profile))
    const isAny = isMessageChosen || signals.includes(true) || categories.some(({ isHeld, weighed }) => isHeld || weighed.includes(true))
    return isAny ? { signals, categories } : undefined
  })
  if (targets.every((target) => target === undefined)) {
    throw new FleetInvalid(`${label} has nothing to act on: name a category's value in selector.signals, such as "event_type=fail"`)
  }
  return targets
}

function checkName(name: string, behaviour: FaultBehaviour, changesValues: boolean, profiles: readonly PlannedProfile[], label: string): void {
  if (!profiles.some((profile) => namesAnything([name], profile))) {
    const known = [...new Set(profiles.flatMap((profile) => [...profile.signals.map((signal) => signal.name), ...categoryNames(profile)]))]
    throw new FleetInvalid(`${label} names the signal "${name}", which no profile has: they have ${known.join(', ')}`)
  }
  const category = profiles.flatMap(({ categories }) => categories).find((one) => one.name === name)
  if (category !== undefined && changesValues && behaviour.holdsCategories === undefined) {
    throw new FleetInvalid(`${label} names the category "${name}": name one of its values instead, such as "${name}=${category.values[0] ?? ''}"`)
  }
  const isSignal = profiles.some(({ signals }) => signals.some((signal) => signal.name === name))
  if (category === undefined && !isSignal && behaviour.holdsCategories === true) {
    const categoryName = name.split('=')[0] ?? ''
    throw new FleetInvalid(`${label} names the value "${name}", but ${behaviour.kind} holds whatever value there is: name the category "${categoryName}"`)
  }
}

const categoryNames = ({ categories }: PlannedProfile): string[] => categories.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`))

function namesAnything(names: readonly string[], profile: PlannedProfile): boolean {
  const known = new Set([...profile.signals.map(({ name }) => name), ...profile.categories.map(({ name }) => name), ...categoryNames(profile)])
  return names.some((name) => known.has(name))
}
