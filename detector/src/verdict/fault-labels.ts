import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/** Labels come from headers, which anybody can write: more different ones than this are counted as one. */
export const maxFaultLabels = 40

/** The label of those beyond. */
export const otherFault = 'other'

/** The ground-truth labels seen, as small numbers; 0 is "no fault". */
export class FaultLabels {
  readonly #names: string[] = ['none']
  readonly #numbers = new Map<string, number>()

  numberOf(label: string): number {
    const known = this.#numbers.get(label)
    if (known !== undefined) return known
    const name = this.#names.length > maxFaultLabels ? otherFault : label
    const number = this.#numbers.get(name) ?? this.#names.push(name) - 1
    this.#numbers.set(name, number)
    return number
  }

  /** `none` for 0. */
  nameOf(number: number): string {
    return this.#names[number] ?? otherFault
  }

  writeTo(writer: SnapshotWriter): void {
    writer.names(this.#names)
  }

  /** @returns our number of a fault that has the given one in the snapshot. */
  readFrom(reader: SnapshotReader): (fault: number) => number {
    const numbers = reader.names().map((name, number) => (number === 0 ? 0 : this.numberOf(name)))
    return (fault) => numbers[fault] ?? 0
  }

  /** All numbers given out, 0 included. */
  get count(): number {
    return this.#names.length
  }
}
