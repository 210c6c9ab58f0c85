import { defineError } from '@tidewatch/kit'
import { aggregateNames, windowKey } from './expected-windows.ts'

export const OutputWrong = defineError('OUTPUT_WRONG', { retry: 'never' })

/** As a part of the value, and of 1 where that is smaller. */
const tolerance = 1e-9
/** A message names so many differences. */
const mostNamed = 3

/** The part of a window's record that all contenders share; moments as ISO 8601 or milliseconds. */
interface WindowRecord {
  sensor_id: string
  window_end: string | number
  features: Record<string, number>
}

/** Compares what a contender wrote with what the windows must come to. */
export class WindowCheck {
  readonly #contender: string
  readonly #expected: ReadonlyMap<string, Float64Array>
  readonly #seen = new Set<string>()
  readonly #differences: string[] = []
  #different = 0

  constructor(contender: string, expected: ReadonlyMap<string, Float64Array>) {
    this.#contender = contender
    this.#expected = expected
  }

  /** Takes in the value of one record of the output. */
  add(json: string): void {
    const { sensor_id: device, window_end: end, features } = JSON.parse(json) as WindowRecord
    const endMs = typeof end === 'string' ? Date.parse(end) : end
    const key = windowKey(device, endMs)
    const name = `${device} until ${new Date(endMs).toISOString()}`
    const expected = this.#expected.get(key)
    if (expected === undefined) return this.#note(`${name} is no window of the readings`)
    if (this.#seen.has(key)) return this.#note(`${name} was written twice`)
    this.#seen.add(key)
    aggregateNames.forEach((aggregate, i) => {
      const [is, should] = [features[aggregate], expected[i]!]
      // Written so that a missing or broken number is a difference too.
      if (!(Math.abs(is! - should) <= tolerance * Math.max(1, Math.abs(should)))) this.#note(`${aggregate} of ${name} is ${is} and not ${should}`)
    })
  }

  /** @returns how many windows there were. @throws OutputWrong with the first differences. */
  finish(): number {
    const missing = this.#expected.size - this.#seen.size
    if (missing > 0) {
      const first = [...this.#expected.keys()].find((key) => !this.#seen.has(key))
      this.#note(`${missing} of ${this.#expected.size} windows are missing, the first is ${first}`)
    }
    if (this.#different > 0) throw new OutputWrong(`${this.#contender} wrote something else than the readings come to, ${this.#different} differences: ${this.#differences.join('; ')}`)
    return this.#seen.size
  }

  #note(difference: string): void {
    this.#different++
    if (this.#differences.length < mostNamed) this.#differences.push(difference)
  }
}
