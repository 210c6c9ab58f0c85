import type { FeatureDescriptor, Model, ModelFactory } from '../models/model.ts'
import type { Group } from '../window/group.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import type { EntryReader, EntryWriter } from './entry-state.ts'
import type { GroupMemory } from './group-memory.ts'
import { hashString } from '@tidewatch/kit'
import type { Succession } from './succession.ts'
import type { WaitingWindows } from './waiting-windows.ts'

/** The make-up of vectors, shared by all models whose vectors are alike. */
export interface Layout {
  /** As `layoutKeyOf` gives it: layouts of the same metrics have the same. */
  key: string
  metrics: readonly string[]
  features: readonly FeatureDescriptor[]
  names: readonly string[]
  /** The components that say where a metric's values lie. */
  locations: readonly number[]
  /** The vector that is filled in for each judgement. */
  vector: Float64Array
}

/** What tells the make-up of vectors of these metrics from others. */
export const layoutKeyOf = (metrics: readonly string[]): string => JSON.stringify(metrics)

/** The metrics behind a layout's key. */
export const metricsOfKey = (key: string): string[] => JSON.parse(key) as string[]

/** One model with what is needed to feed it. */
export interface ModelEntry {
  readonly key: string
  /** Counts up when another model takes the place of this one; verdicts carry it. */
  generation: number
  /** Undefined while it is being learned. */
  layout: Layout | undefined
  /** Undefined until the layout is known. */
  model: Model | undefined
  /** Vectors learned. */
  learned: number
  /** Windows that wait for their layout. */
  waiting: WaitingWindows | undefined
  /** A new model's first vectors, until it is clear whether it starts from its cohort's prior (prior/priors.ts). */
  held: Float64Array[] | undefined
  /** Made with the first judged vector, where drifts are watched for. */
  succession: Succession | undefined
  /** Event time of the last window that it was given. */
  usedMs: number
}

/**
 * The models of one partition by scope: one for each group (Device), for each device type, or one for all; where
 * groups are metrics of devices, one of those for each metric, because a temperature teaches nothing about a
 * pressure.
 */
export class ModelStore {
  readonly #scope: 'Device' | 'DeviceType' | 'All'
  readonly factory: ModelFactory
  readonly #seed: number
  readonly #shared = new Map<string, ModelEntry>()

  constructor(scope: 'Device' | 'DeviceType' | 'All', factory: ModelFactory, seed: number) {
    this.#scope = scope
    this.factory = factory
    this.#seed = seed
  }

  get kind(): string {
    return this.factory.kind
  }

  /** False where several groups may learn by one model. */
  get isOnePerGroup(): boolean {
    return this.#scope === 'Device'
  }

  /** The model of a group, made where it is new. A model of one group lives and dies with the group. */
  entryOf(group: Group<GroupMemory>): ModelEntry {
    const memory = group.memory!
    if (memory.entry !== undefined && this.#scope !== 'DeviceType') return memory.entry
    if (this.#scope === 'Device') return (memory.entry = newEntry(JSON.stringify([group.device, group.metric])))
    const key = JSON.stringify([this.#scope === 'All' ? 'all' : (group.deviceType ?? ''), group.metric])
    if (memory.entry?.key === key) return memory.entry
    let entry = this.#shared.get(key)
    if (entry === undefined) this.#shared.set(key, (entry = newEntry(key)))
    return (memory.entry = entry)
  }

  /** Fixes the layout and makes the model. Its seed comes from its key, so that it does not depend on who came first. */
  start(entry: ModelEntry, layout: Layout): void {
    entry.layout = layout
    entry.model = this.factory.create(layout.features, hashString(`${this.#seed}/${entry.key}`))
  }

  /** An empty model that may take the place of the present one, seeded like the first but for its generation. */
  createSuccessor({ key, generation, layout }: ModelEntry): Model {
    return this.factory.create(layout!.features, hashString(`${this.#seed}/${key}/${generation + 1}`))
  }

  /** Models that belong to no group alone. */
  writeTo(writer: SnapshotWriter, entries: EntryWriter): void {
    writer.u32(this.#shared.size)
    for (const entry of this.#shared.values()) entries.entry(entry)
  }

  readFrom(reader: SnapshotReader, entries: EntryReader): void {
    for (let count = reader.count(4); count > 0; count--) {
      const entry = entries.entry()
      this.#shared.set(entry.key, entry)
    }
  }

  /** Drops shared models that nothing was learned by since. */
  forgetUnusedSince(ms: number): void {
    for (const [key, entry] of this.#shared) if (entry.usedMs < ms) this.#shared.delete(key)
  }
}

function newEntry(key: string): ModelEntry {
  return { key, generation: 1, layout: undefined, model: undefined, learned: 0, waiting: undefined, held: undefined, succession: undefined, usedMs: -Infinity }
}
