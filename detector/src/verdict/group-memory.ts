import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { GroupAccuracy, observeNormal, type Accuracy, type Outcome } from './accuracy.ts'
import type { ModelEntry } from './model-store.ts'

/** What is remembered of a group beyond its windows. */
export class GroupMemory {
  entry: ModelEntry | undefined
  /** Made with the first labelled window: most groups never see one. */
  #accuracy: GroupAccuracy | undefined

  /** Counts a closed window against its ground truth; windows come in the order of their ends. */
  observe(accuracy: Accuracy, fault: number, faultFromMs: number, endMs: number, outcome: Outcome): void {
    if (fault !== 0) this.#accuracy ??= new GroupAccuracy()
    if (this.#accuracy === undefined) observeNormal(accuracy, 0, outcome)
    else this.#accuracy.observe(accuracy, fault, faultFromMs, endMs, outcome)
  }

  /** Without the model: it may be shared. */
  writeTo(writer: SnapshotWriter): void {
    writer.u8(this.#accuracy === undefined ? 0 : 1)
    this.#accuracy?.writeTo(writer)
  }

  /** @param faultOf this process's number of a fault that has the given one in the snapshot. */
  static readFrom(reader: SnapshotReader, faultOf: (fault: number) => number): GroupMemory {
    const memory = new GroupMemory()
    if (reader.u8() === 1) memory.#accuracy = GroupAccuracy.readFrom(reader, faultOf)
    return memory
  }
}
