import type { Layout } from '../model-store.ts'
import { Cohort, type CohortState, type PriorLengths } from './cohort.ts'

/** Cohorts of one partition at most; devices of further ones warm up alone. 12 KiB each at six features. */
const mostCohorts = 64

/** Fewer vectors than this say too little of a device's own level and scatter. */
const leastOwn = 8
/** A longer warm-up than this is somebody's choice, and is kept as it is. */
const longestWarmUp = 96
const leastRows = 32

/** @returns undefined where a warm-up is too short or too long to be shortened. */
export function planPrior(warmUp: number): PriorLengths | undefined {
  const own = Math.max(leastOwn, Math.ceil(warmUp / 3))
  return own >= warmUp || warmUp > longestWarmUp ? undefined : { own, rows: Math.max(leastRows, warmUp) }
}

/** Plain data, for a snapshot. */
export type PriorsState = ({ deviceType: string | null; layoutKey: string } & CohortState)[]

/**
 * The priors of one partition by cohort: devices of one type, whose vectors have the same make-up. Devices that name no type are one cohort.
 * All of it follows from the partition's records.
 */
export class Priors {
  readonly lengths: PriorLengths
  /** By the key of their layout, then by device type. */
  readonly #cohorts = new Map<string, Map<string | undefined, Cohort>>()
  #count = 0
  /** Donors that came to any cohort. */
  #changes = 0
  /** `#changes` after the last donor of each cohort. */
  readonly #changedAt = new WeakMap<Cohort, number>()

  constructor(lengths: PriorLengths) {
    this.lengths = lengths
  }

  /**
   * @param layoutKey as `layoutKeyOf` gives it.
   * @returns undefined where nothing is known of such devices.
   */
  find(layoutKey: string, deviceType: string | undefined): Cohort | undefined {
    return this.#cohorts.get(layoutKey)?.get(deviceType)
  }

  /** Takes in a vector that a warm model has judged normal. */
  record(layout: Layout, deviceType: string | undefined, key: string, endMs: number): void {
    const cohort = this.find(layout.key, deviceType) ?? this.#add(layout, deviceType)
    if (cohort?.record(key, layout.vector, endMs) === true) this.#changedAt.set(cohort, ++this.#changes)
  }

  forgetUnusedSince(ms: number): void {
    for (const [layoutKey, byType] of this.#cohorts) {
      for (const [deviceType, cohort] of byType) {
        if (cohort.usedMs >= ms) cohort.forgetUnusedSince(ms)
        else if (byType.delete(deviceType)) this.#count--
      }
      if (byType.size === 0) this.#cohorts.delete(layoutKey)
    }
  }

  /** What `toState` takes to leave out donors that were there at this moment. */
  get changes(): number {
    return this.#changes
  }

  /**
   * A copy that stays as it is while the partition goes on.
   *
   * @param since for an increment, `changes` at the snapshot before: donors that were in it are left out.
   */
  toState(since = -1): PriorsState {
    return [...this.#cohorts].flatMap(([layoutKey, byType]) => [...byType].map(([deviceType, cohort]) => ({ deviceType: deviceType ?? null, layoutKey, ...cohort.toState((this.#changedAt.get(cohort) ?? 0) > since) })))
  }

  /** Replaces all cohorts by those of `toState`; donors that an increment leaves out stay. */
  load(state: PriorsState, layoutOf: (layoutKey: string) => Layout): void {
    const before = new Map(this.#cohorts)
    this.#cohorts.clear()
    this.#count = 0
    for (const { deviceType, layoutKey, ...cohort } of state) this.#add(layoutOf(layoutKey), deviceType ?? undefined)?.load(cohort, before.get(layoutKey)?.get(deviceType ?? undefined))
  }

  #add(layout: Layout, deviceType: string | undefined): Cohort | undefined {
    if (this.#count === mostCohorts) return undefined
    let byType = this.#cohorts.get(layout.key)
    if (byType === undefined) this.#cohorts.set(layout.key, (byType = new Map<string | undefined, Cohort>()))
    const cohort = new Cohort(layout.features, this.lengths)
    byType.set(deviceType, cohort)
    // One that was forgotten meanwhile must not get its donors back.
    this.#changedAt.set(cohort, ++this.#changes)
    this.#count++
    return cohort
  }
}
