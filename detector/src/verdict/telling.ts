import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import type { HeldBack, Rules } from './rules.ts'

/**
 * What was told of one group key, and what is on its way to be.
 *
 *     windows of a minute   .  !  !  .  !  !  !  !  !  .  !  !  .  .  .  !      ! anomalous
 *     held back by             c  c     c  c     s  s     s              c      c consecutive: 3, s suppressFor: 5m
 *     told                                    T              T
 *     open                                    |-----------------------|
 *
 * A window that nothing can be said of (incomplete, warming up) is none of them: it neither adds to a row nor breaks it.
 */
export class Telling {
  /** From the last of `consecutive` anomalous windows to the last of as many normal ones. */
  #isOpen = false
  /** Windows in a row that would change that. */
  #row = 0
  /** End of the last window that was told, in event time. */
  #toldMs = -Infinity

  /**
   * Takes in a judged window of the group; windows come in the order of their ends.
   *
   * @param isAnomalous by its score, and by where it lies.
   * @param endMs in event time.
   * @returns what holds an anomalous window back; undefined where it is to be told, and for a normal one.
   */
  observe(isAnomalous: boolean, endMs: number, { consecutive, suppressForMs }: Pick<Rules, 'consecutive' | 'suppressForMs'>): HeldBack | undefined {
    if (isAnomalous === this.#isOpen) this.#row = 0
    else if (++this.#row >= consecutive) {
      this.#isOpen = isAnomalous
      this.#row = 0
    }
    if (!isAnomalous) return undefined
    if (!this.#isOpen) return 'consecutive'
    // Readings without a window may come in any order: one that lies before the last told is as near to it as can be.
    if (suppressForMs > 0 && endMs < this.#toldMs + suppressForMs) return 'suppressFor'
    this.#toldMs = Math.max(this.#toldMs, endMs)
    return undefined
  }

  writeTo(writer: SnapshotWriter): void {
    writer.u8(this.#isOpen ? 1 : 0)
    writer.u32(this.#row)
    writer.f64(this.#toldMs)
  }

  static readFrom(reader: SnapshotReader): Telling {
    const telling = new Telling()
    telling.#isOpen = reader.u8() === 1
    telling.#row = reader.u32()
    telling.#toldMs = reader.f64()
    return telling
  }
}
