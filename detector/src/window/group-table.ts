import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { Group, withOneMore } from './group.ts'

/** Bound on the groups of one partition that have no open window; the longest unseen go first. */
export const maxGroups = 200_000

/** Beyond so many metrics of one device a scan of its groups would cost more than a map. */
const scanLimit = 16

/** Names beyond are made up, and not worth remembering. */
const maxInternedNames = 4_096

const noGroups: readonly never[] = []

interface Device<Memory> {
  name: string
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
  /** The devices by the numbers that readings call them by: a number may be given anew, so the name decides. */
  #byNumber: (Device<Memory> | undefined)[] = []
  /** One string for each metric: every record brings its own copy. */
  readonly #metricNames = new Map<string, string>()
  #size = 0
  #nextIndex = 0
  #lastSweepMs = -Infinity
  #nextSweepSize: number
  #forgotten = 0

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

  /** Groups forgotten since the partition's first record. */
  get forgotten(): number {
    return this.#forgotten
  }

  /**
   * The group of a reading, made where it is new.
   *
   * @param number under which the device is found without its name; -1 for none.
   */
  groupOf(deviceName: string, metric: string, number = -1): Group<Memory> {
    let device = number < 0 ? undefined : this.#byNumber[number]
    if (device === undefined || device.name !== deviceName) device = this.#deviceOf(deviceName, number)
    const { groups } = device
    if (!this.#byMetric) return groups[0] ?? this.#make(device, deviceName, undefined)
    if (device.byMetric !== undefined) return device.byMetric.get(metric) ?? this.#make(device, deviceName, metric)
    for (const group of groups) if (group.metric === metric) return group
    return this.#make(device, deviceName, metric)
  }

  #deviceOf(name: string, number: number): Device<Memory> {
    let device = this.#devices.get(name)
    if (device === undefined) {
      device = { name, groups: noGroups, byMetric: undefined }
      this.#devices.set(name, device)
    }
    if (number >= 0) {
      while (this.#byNumber.length <= number) this.#byNumber.push(undefined)
      this.#byNumber[number] = device
      // The very string that readings bring: then the comparison is one of addresses.
      device.name = name
    }
    return device
  }

  *all(): IterableIterator<Group<Memory>> {
    // Not yield*: it would make an iterator for each device.
    for (const { groups } of this.#devices.values()) for (let i = 0; i < groups.length; i++) yield groups[i]!
  }

  /** Forgets what has been unseen for too long; cheap unless a tenth of the retention has passed. @returns whether it looked. */
  sweep(watermarkMs: number): boolean {
    const isDue = watermarkMs - this.#lastSweepMs >= this.#retentionMs / 10
    if (!isDue && this.#size < this.#nextSweepSize) return false
    this.#forgetOld(watermarkMs)
    return true
  }

  // Apart from the question whether it is time, which each reading asks: closures over a parameter cost memory at every call.
  #forgetOld(watermarkMs: number): void {
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
  }

  /** The table's own figures; groups are written one by one. */
  writeTo(writer: SnapshotWriter): void {
    for (const figure of [this.#nextIndex, this.#lastSweepMs, this.#nextSweepSize, this.#forgotten]) writer.f64(figure)
  }

  readFrom(reader: SnapshotReader): void {
    this.#nextIndex = reader.f64()
    this.#lastSweepMs = reader.f64()
    this.#nextSweepSize = reader.f64()
    this.#forgotten = reader.f64()
  }

  writeGroupTo(writer: SnapshotWriter, group: Group<Memory>): void {
    writer.f64(group.index)
    writer.text(group.device)
    writer.u8((group.metric === undefined ? 0 : 1) + (group.deviceType === undefined ? 0 : 2))
    if (group.metric !== undefined) writer.name(group.metric)
    if (group.deviceType !== undefined) writer.name(group.deviceType)
    writer.names(group.seriesNames)
    writer.f64(group.observedFromMs)
    writer.f64(group.lastSeenMs)
  }

  /** Makes a group as it was written. */
  readGroupFrom(reader: SnapshotReader): Group<Memory> {
    const index = reader.f64()
    const device = reader.text()
    const parts = reader.u8()
    const group = new Group<Memory>(index, device, (parts & 1) === 0 ? undefined : this.#intern(reader.name()))
    if ((parts & 2) !== 0) group.deviceType = reader.name()
    const seriesNames = reader.names()
    if (seriesNames.length > 0) group.seriesNames = seriesNames
    group.observedFromMs = reader.f64()
    group.lastSeenMs = reader.f64()
    return group
  }

  /** Takes in groups that were read, in the order of their index. */
  addRead(groups: readonly Group<Memory>[]): void {
    for (const group of groups) {
      let known = this.#devices.get(group.device)
      if (known === undefined) this.#devices.set(group.device, (known = { name: group.device, groups: noGroups, byMetric: undefined }))
      this.#add(known, group)
    }
  }

  #make(device: Device<Memory>, deviceName: string, metric: string | undefined): Group<Memory> {
    const group = new Group<Memory>(this.#nextIndex++, deviceName, metric === undefined ? undefined : this.#intern(metric))
    this.#add(device, group)
    return group
  }

  #add(device: Device<Memory>, group: Group<Memory>): void {
    const { metric } = group
    device.groups = withOneMore(device.groups, group)
    this.#size++
    if (metric === undefined) return
    if (device.byMetric !== undefined) device.byMetric.set(metric, group)
    else if (device.groups.length > scanLimit) device.byMetric = new Map(device.groups.map((one) => [one.metric ?? '', one]))
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
      this.#forgotten += device.groups.length - kept.length
      device.groups = kept
      if (device.byMetric !== undefined) device.byMetric = new Map(kept.map((one) => [one.metric ?? '', one]))
      if (kept.length === 0) this.#devices.delete(name)
    }
    // What is no longer in the table must not be found.
    this.#byNumber = []
  }
}
