import type { DriftDetectorFactory } from '../models/drift/drift-detector.ts'
import type { Model, ModelFactory } from '../models/model.ts'
import { SnapshotDamaged, SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { messageOf } from '@tidewatch/kit'
import type { Layout, ModelEntry } from './model-store.ts'
import { Succession } from './succession.ts'
import { WaitingWindows } from './waiting-windows.ts'

/** Bits of what an entry has. */
const has = { layout: 1, model: 2, waiting: 4, succession: 8, held: 16 } as const

/** Writes models and their layouts. Each is written where it is first met, and told by its number from then on: both may be shared. */
export class EntryWriter {
  readonly #writer: SnapshotWriter
  readonly #entries = new Map<ModelEntry, number>()
  readonly #layouts = new Map<Layout, number>()

  constructor(writer: SnapshotWriter) {
    this.#writer = writer
  }

  entry(entry: ModelEntry): void {
    const writer = this.#writer
    const known = this.#entries.get(entry)
    writer.u32(known ?? this.#entries.size)
    if (known !== undefined) return
    this.#entries.set(entry, this.#entries.size)
    const { layout, model, waiting, succession, held } = entry
    writer.text(entry.key)
    writer.f64(entry.generation)
    writer.f64(entry.learned)
    writer.f64(entry.usedMs)
    writer.u8((layout === undefined ? 0 : has.layout) + (model === undefined ? 0 : has.model) + (waiting === undefined ? 0 : has.waiting) + (succession === undefined ? 0 : has.succession) + (held === undefined ? 0 : has.held))
    if (layout !== undefined) this.layout(layout)
    if (model !== undefined) this.#model(model)
    waiting?.writeTo(writer)
    succession?.writeTo(writer, (candidate) => this.#model(candidate))
    if (held !== undefined) this.#held(held)
  }

  layout(layout: Layout): void {
    const known = this.#layouts.get(layout)
    this.#writer.u32(known ?? this.#layouts.size)
    if (known !== undefined) return
    this.#layouts.set(layout, this.#layouts.size)
    this.#writer.names(layout.metrics)
  }

  #model(model: Model): void {
    const { kind, version, state } = model.snapshot()
    this.#writer.name(kind)
    this.#writer.u32(version)
    this.#writer.value(state)
  }

  #held(held: readonly Float64Array[]): void {
    this.#writer.u32(held.length)
    for (let i = 0; i < held.length; i++) this.#writer.floats(held[i]!)
  }
}

/** Reads what an `EntryWriter` wrote, in the same order. */
export class EntryReader {
  readonly #reader: SnapshotReader
  readonly #factory: ModelFactory
  readonly #layoutOf: (metrics: readonly string[]) => Layout
  readonly #mostWaiting: number
  readonly #drifts: DriftDetectorFactory | undefined
  readonly #entries: ModelEntry[] = []
  readonly #layouts: Layout[] = []

  /**
   * @param mostWaiting windows that wait for their layout at most.
   * @param drifts undefined where drifts are not watched for.
   */
  constructor(reader: SnapshotReader, factory: ModelFactory, layoutOf: (metrics: readonly string[]) => Layout, mostWaiting: number, drifts?: DriftDetectorFactory) {
    this.#reader = reader
    this.#mostWaiting = mostWaiting
    this.#factory = factory
    this.#layoutOf = layoutOf
    this.#drifts = drifts
  }

  entry(): ModelEntry {
    const reader = this.#reader
    const number = reader.u32()
    const known = this.#entries[number]
    if (known !== undefined) return known
    checkNext('model', number, this.#entries.length)
    const entry: ModelEntry = { key: reader.text(), generation: reader.f64(), learned: reader.f64(), usedMs: reader.f64(), layout: undefined, model: undefined, waiting: undefined, held: undefined, succession: undefined }
    this.#entries.push(entry)
    const parts = reader.u8()
    if ((parts & has.layout) !== 0) entry.layout = this.layout()
    if ((parts & has.model) !== 0) entry.model = this.#model(entry.layout!)
    if ((parts & has.waiting) !== 0) entry.waiting = WaitingWindows.readFrom(reader, this.#mostWaiting)
    if ((parts & has.succession) !== 0) entry.succession = Succession.readFrom(reader, () => this.#model(entry.layout!), this.#drifts)
    if ((parts & has.held) !== 0) entry.held = Array.from({ length: reader.count(4) }, () => reader.floats())
    return entry
  }

  layout(): Layout {
    const number = this.#reader.u32()
    const known = this.#layouts[number]
    if (known !== undefined) return known
    checkNext('layout', number, this.#layouts.length)
    const layout = this.#layoutOf(this.#reader.names())
    this.#layouts.push(layout)
    return layout
  }

  #model(layout: Layout): Model {
    const reader = this.#reader
    const snapshot = { kind: reader.name(), version: reader.u32(), state: reader.value() }
    try {
      return this.#factory.restore(layout.features, snapshot)
    } catch (error) {
      throw new SnapshotOfAnotherVersion(`The snapshot holds a model that cannot be read: ${messageOf(error)}. Run the detector that wrote it, or start without it: models warm up again.`, { cause: error })
    }
  }
}

function checkNext(what: string, number: number, next: number): void {
  if (number === next) return
  throw new SnapshotDamaged(`The snapshot is damaged: it names ${what} ${number}, and ${next} were given. Take the checkpoint before it, or start without one.`)
}
