import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { GroupAccuracy, observeNormal, type Accuracy, type Outcome } from './accuracy.ts'
import type { ModelEntry } from './model-store.ts'
import { looksBack, type HeldBack, type Rules } from './rules.ts'
import { Telling } from './telling.ts'

/** Bits of what a memory has. */
const has = { accuracy: 1, telling: 2 } as const

/** What is remembered of a group beyond its windows. */
export class GroupMemory {
  entry: ModelEntry | undefined
  /** Made with the first labelled window: most groups never see one. */
  #accuracy: GroupAccuracy | undefined
  /** Made with the first anomalous window, where a rule looks back. */
  #telling: Telling | undefined

  /** Takes in a judged window. @returns what keeps an anomalous one from being told; undefined where nothing does, and for a normal one. */
  tell(isAnomalous: boolean, endMs: number, rules: Rules): HeldBack | undefined {
    if (isAnomalous && looksBack(rules)) this.#telling ??= new Telling()
    return this.#telling?.observe(isAnomalous, endMs, rules)
  }

  /** Counts a closed window against its ground truth; windows come in the order of their ends. */
  observe(accuracy: Accuracy, fault: number, faultFromMs: number, endMs: number, outcome: Outcome): void {
    if (fault !== 0) this.#accuracy ??= new GroupAccuracy()
    if (this.#accuracy === undefined) observeNormal(accuracy, 0, outcome)
    else this.#accuracy.observe(accuracy, fault, faultFromMs, endMs, outcome)
  }

  /** Without the model: it may be shared. */
  writeTo(writer: SnapshotWriter): void {
    writer.u8((this.#accuracy === undefined ? 0 : has.accuracy) + (this.#telling === undefined ? 0 : has.telling))
    this.#accuracy?.writeTo(writer)
    this.#telling?.writeTo(writer)
  }

  /** @param faultOf this process's number of a fault that has the given one in the snapshot. */
  static readFrom(reader: SnapshotReader, faultOf: (fault: number) => number): GroupMemory {
    const memory = new GroupMemory()
    const parts = reader.u8()
    if ((parts & has.accuracy) !== 0) memory.#accuracy = GroupAccuracy.readFrom(reader, faultOf)
    if ((parts & has.telling) !== 0) memory.#telling = Telling.readFrom(reader)
    return memory
  }
}
