import { Group } from './group.ts'

/** Bound on the groups of one partition that have no open window; the longest unseen go first. */
export const maxGroups = 200_000

/** Beyond so many metrics of one device a scan of its groups would cost more than a map. */
const scanLimit = 16

/** Names beyond are made up, and not worth remembering. */
const maxInternedNames = 4_096

const noGroups: readonly never[] = []

interface Device<Memory> {
  groups: readonly Group<Memory>[]
  byMetric: Map<string, Group<Memory>> | undefined
}

/**
 * The groups of one partition by device and metric.
 *
 * Bounded: a group that has had no reading for `retentionMs` of event time is forgotten with everything that
 * hangs on it (so is its model), and never are more than `maxGroups` kept beside those with open windows. The
 * scans that find them are paid for by the event time that has passed or the groups that were made.
 */
export class GroupTable<Memory = unknown> {
  readonly #byMetric: boolean
  readonly #retentionMs: number
  readonly #limit: number
  readonly #devices = new Map<string, Device<Memory>>()
  /** One string for each metric: every record brings its own copy. */
  readonly #metricNames = new Map<string, string>()
  #size = 0
  #nextIndex = 0
  #lastSweepMs = -Infinity
  #nextSweepSize: number

  /** @param isByMetric whether each metric of a device is a group of its own. */
  constructor(isByMetric: boolean, retentionMs: number, limit = maxGroups) {
    this.#byMetric = isByMetric
    this.#retentionMs = retentionMs
    this.#limit = limit
    this.#nextSweepSize = limit
  }

  get size(): number {
    return this.#size
  }

  /** The group of a reading, made where it is new. */
  groupOf(deviceName: string, metric: string): Group<Memory> {
    let device = this.#devices.get(deviceName)
    if (device === undefined) {
      device = { groups: noGroups, byMetric: undefined }
      this.#devices.set(deviceName, device)
    }
    const { groups } = device
    if (!this.#byMetric) return groups[0] ?? this.#make(device, deviceName, undefined)
    if (device.byMetric !== undefined) return device.byMetric.get(metric) ?? this.#make(device, deviceName, metric)
    for (const group of groups) if (group.metric === metric) return group
    return this.#make(device, deviceName, metric)
  }

  *all(): IterableIterator<Group<Memory>> {
    for (const device of this.#devices.values()) yield* device.groups
  }

  /** Forgets what has been unseen for too long; cheap unless a tenth of the retention has passed. @returns whether it looked. */
  sweep(watermarkMs: number): boolean {
    const isDue = watermarkMs - this.#lastSweepMs >= this.#retentionMs / 10
    if (!isDue && this.#size < this.#nextSweepSize) return false
    this.#lastSweepMs = watermarkMs
    this.#forgetWhere((group) => group.lastSeenMs < watermarkMs - this.#retentionMs)
    if (this.#size >= this.#limit) {
      const idleSince = [...this.all()].filter((group) => !group.hasOpenWindows).map((group) => group.lastSeenMs)
      // A tenth more than must go, so that the next scan is not due at the next new group.
      const excess = Math.min(idleSince.length, this.#size - Math.floor(this.#limit * 0.9))
      const cutMs = Float64Array.from(idleSince).sort()[excess - 1] ?? -Infinity
      this.#forgetWhere((group) => group.lastSeenMs <= cutMs)
    }
    this.#nextSweepSize = Math.max(this.#limit, Math.ceil(this.#size * 1.1))
    return true
  }

  #make(device: Device<Memory>, deviceName: string, metric: string | undefined): Group<Memory> {
    const group = new Group<Memory>(this.#nextIndex++, deviceName, metric === undefined ? undefined : this.#intern(metric))
    device.groups = [...device.groups, group]
    this.#size++
    if (metric !== undefined) {
      if (device.byMetric !== undefined) device.byMetric.set(metric, group)
      else if (device.groups.length > scanLimit) device.byMetric = new Map(device.groups.map((one) => [one.metric ?? '', one]))
    }
    return group
  }

  #intern(metric: string): string {
    const known = this.#metricNames.get(metric)
    if (known !== undefined) return known
    if (this.#metricNames.size < maxInternedNames) this.#metricNames.set(metric, metric)
    return metric
  }

  #forgetWhere(isOld: (group: Group<Memory>) => boolean): void {
    for (const [name, device] of this.#devices) {
      const kept = device.groups.filter((group) => group.hasOpenWindows || !isOld(group))
      if (kept.length === device.groups.length) continue
      this.#size -= device.groups.length - kept.length
      device.groups = kept
      if (device.byMetric !== undefined) device.byMetric = new Map(kept.map((one) => [one.metric ?? '', one]))
      if (kept.length === 0) this.#devices.delete(name)
    }
  }
}
