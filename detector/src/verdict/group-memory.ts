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
}
