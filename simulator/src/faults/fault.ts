import type { FaultKind } from '@tidewatch/api'

/** One time that one fault strikes one device. */
export interface Incident {
  /** The fault's place in the manifest, from 0. */
  readonly index: number
  readonly magnitude: number
  /** Event time of the first moment, and of the first moment after it. */
  readonly startMs: number
  readonly endMs: number
  /** A number in [0, 1) for a signal (by index), the same for the whole incident. */
  uniform(signal: number): number
  /** What `compute` gave when it was first asked for under this key, until the incident ends. */
  remember<T extends number | string>(key: string, compute: () => T): T
}

/** One signal's value at one reading, before limits and rounding. */
export interface SignalReading {
  name: string
  index: number
  /** Level and noise, changed already by the faults named earlier in the manifest. */
  value: number
  /** The value without noise. */
  level: number
  noise: number
  /** What one unit of magnitude is worth. */
  sigma: number
  min: number
  max: number
  timeMs: number
  /** A number in [0, 1) for this signal and reading. */
  uniform: number
}

/**
 * What one kind of fault does; each does only some of these. All are pure but for `Incident.remember`.
 *
 * The `uniform` arguments are numbers in [0, 1) that are drawn for the message at hand.
 */
export interface FaultBehaviour {
  readonly kind: FaultKind
  /** What the signal shows instead of `reading.value`. */
  distort?(reading: SignalReading, incident: Incident): number
  /** Factor on the weight of a category's value. */
  weigh?(timeMs: number, incident: Incident): number
  /** True when a category keeps the value it had at the incident's start. */
  readonly holdsCategories?: true
  /** False: the message is not sent. */
  isSent?(uniform: number, incident: Incident): boolean
  /** How many more times the message is sent, right after. */
  copies?(uniform: number, incident: Incident): number
  /** How late it is sent, in ms of event time. */
  delayMs?(uniform: number, incident: Incident): number
  /** How far the device's clock is ahead, in ms. */
  skewMs?(incident: Incident): number
  /** The device reads this many times as often. */
  rateFactor?(incident: Incident): number
}

/** Where the incident stands at a moment: 0 at its start, 1 at its end. */
export const progressOf = ({ startMs, endMs }: Incident, timeMs: number): number => (timeMs - startMs) / (endMs - startMs)

/**
 * Up (1) or down (-1): drawn once for an incident, but turned round where the signal's limits would cut the
 * displacement off on that side and leave it whole on the other.
 */
export function directionOf(reading: SignalReading, incident: Incident, displacement: number): number {
  return incident.remember(`direction of ${reading.name}`, () => {
    const drawn = incident.uniform(reading.index) < 0.5 ? -1 : 1
    const fits = (direction: number) => {
      const reached = reading.level + direction * displacement
      return reached >= reading.min && reached <= reading.max
    }
    return !fits(drawn) && fits(-drawn) ? -drawn : drawn
  })
}
