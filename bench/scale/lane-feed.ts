import type { KafkaRecord, RecordView } from '@tidewatch/kafka'
import { gaussian, mulberry32 } from '@tidewatch/kit'

/** How many values are drawn before they come again; out of step with any number of devices. */
const drawn = 4_093
const nameDigits = 7
const valueLength = 6
const before = '{"sensor_id":"sensor_'
const untilTime = '","timestamp":"'
const untilValue = '","metric":"temperature","value":'
const end = '}'
const timeLength = new Date(0).toISOString().length

const nameAt = before.length
const timeAt = nameAt + nameDigits + untilTime.length
const valueAt = timeAt + timeLength + untilValue.length
const messageLength = valueAt + valueLength + end.length

/**
 * Readings of system C to one partition, as bytes that lie one after the other like those of a fetch. They are written over those of the portion
 * before, digit by digit: making them costs a twentieth of what taking them in does, and leaves no garbage among that of the detector.
 */
export class LaneFeed implements RecordView {
  readonly topic: string
  readonly partition: number
  readonly bytes: Buffer
  readonly keyStart = -1
  readonly keyEnd = -1
  readonly headers = undefined
  offset = -1
  timestampMs = 0
  valueStart = 0
  valueEnd = 0
  readonly #values: Buffer
  readonly #times: Float64Array
  #length = 0
  #at = 0
  #value: number

  /** @param most readings of a portion. */
  constructor({ topic, partition, most }: { topic: string; partition: number; most: number }) {
    this.topic = topic
    this.partition = partition
    this.bytes = Buffer.from(`${before}${'0'.repeat(nameDigits)}${untilTime}${new Date(0).toISOString()}${untilValue}${'0'.repeat(valueLength)}${end}`.repeat(most))
    this.#times = new Float64Array(most)
    const draw = mulberry32(partition + 1)
    this.#values = Buffer.from(Array.from({ length: drawn }, () => (22 + 0.4 * gaussian(draw)).toFixed(3)).join(''))
    this.#value = (partition * 521) % drawn
  }

  /**
   * Writes the next portion.
   *
   * @param deviceOf the number of the device that the i-th reading is of, below ten million.
   * @param timeOf its event time in milliseconds; times do not go back.
   */
  write(length: number, deviceOf: (i: number) => number, timeOf: (i: number) => number): void {
    const { bytes } = this
    let latestMs = NaN
    let time = ''
    for (let i = 0; i < length; i++) {
      const at = i * messageLength
      for (let digit = nameDigits - 1, rest = deviceOf(i); digit >= 0; digit--, rest = Math.floor(rest / 10)) bytes[at + nameAt + digit] = 48 + (rest % 10)
      const timeMs = timeOf(i)
      if (timeMs !== latestMs) time = new Date((latestMs = timeMs)).toISOString()
      bytes.write(time, at + timeAt, timeLength, 'latin1')
      this.#values.copy(bytes, at + valueAt, this.#value * valueLength, (this.#value + 1) * valueLength)
      this.#value = (this.#value + 1) % drawn
      this.#times[i] = timeMs
    }
    this.#length = length
    this.#at = 0
  }

  /** Moves on to the next reading of the portion. @returns false behind the last one. */
  next(): boolean {
    if (this.#at === this.#length) return false
    this.timestampMs = this.#times[this.#at]!
    this.valueStart = this.#at * messageLength
    this.valueEnd = this.valueStart + messageLength
    this.offset++
    this.#at++
    return true
  }

  /** @throws Error always: only what is refused or late is kept, and none of these is. */
  toRecord(): KafkaRecord {
    throw new Error(`The reading ${this.bytes.toString('utf8', this.valueStart, this.valueEnd)} was refused, or is late`)
  }
}
