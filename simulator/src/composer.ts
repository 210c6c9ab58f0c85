import { numberText } from './formats/number-text.ts'
import { createTimeText } from './formats/time-text.ts'
import { escapeText, writeMessage, type Variables } from './formats/layout.ts'
import type { CompiledProfile, DeviceTable } from './device-table.ts'
import type { SignalReading } from './faults/fault.ts'
import type { ActiveIncident } from './faults/incidents.ts'
import { streams, uniformAt, uuidAt } from './random.ts'
import type { SimulatedRecord } from './record.ts'
import type { PlannedCategory } from './signals/profile.ts'
import { createSample, drawCategory, sampleSignals, type DeviceNumbers } from './signals/sample.ts'

/** Number of a whole message among a fault's random streams. */
const wholeMessage = 64

/** What a fault of transport does with one message. */
interface Transport {
  fault: string | undefined
  isSent: boolean
  copies: number
  delayMs: number
  skewMs: number
}

const untouched: Transport = { fault: undefined, isSent: true, copies: 0, delayMs: 0, skewMs: 0 }

/**
 * Turns one reading of one device into its records.
 *
 * In the order in which things happen to a real reading: signal, faults of values in the manifest's order,
 * limits, rounding, message, faults of transport.
 */
export class Composer {
  readonly #table: DeviceTable
  readonly #profiles: readonly CompiledProfile[]
  readonly #partition: number | undefined
  readonly #carriesEventTime: boolean
  readonly #sample = createSample(64)
  readonly #timeText = createTimeText()
  readonly #readings: Float64Array
  readonly #categoryTexts: string[][][]
  readonly #device: DeviceNumbers
  readonly #variables: Variables
  #counter = 0
  #message = 0

  constructor(options: { table: DeviceTable; profiles: readonly CompiledProfile[]; partition: number | undefined; carriesEventTime: boolean }) {
    const { table, profiles, partition, carriesEventTime } = options
    this.#table = table
    this.#profiles = profiles
    this.#partition = partition
    this.#carriesEventTime = carriesEventTime
    this.#readings = new Float64Array(table.count)
    this.#device = { keyA: 0, keyB: 0, shift: 0, bases: table.bases, offset: 0 }
    this.#categoryTexts = profiles.map(({ profile }) => profile.categories.map(({ values }) => values.map(escapeText)))
    this.#variables = {
      time: '',
      timeMs: 0,
      value: '',
      id: () => uuidAt(this.#device.keyA ^ this.#message, this.#device.keyB, this.#counter, this.#variables.timeMs),
      texts: [],
    }
  }

  /**
   * Appends the records of the device's next reading to `records`. A record that a fault holds back has a
   * later `dueMs` than the reading.
   *
   * @param isExtra a reading between the regular ones, which only a flood asks for.
   */
  compose(index: number, dueMs: number, active: readonly ActiveIncident[], isExtra: boolean, records: SimulatedRecord[]): void {
    const table = this.#table
    const device = this.#device
    const profileIndex = table.profiles[index]!
    const compiled = this.#profiles[profileIndex]!
    const { profile, isBoolean, messages, layout } = compiled
    const { signals, categories } = profile
    const { texts } = this.#variables
    const counter = this.#readings[index]!++
    this.#counter = counter
    device.keyA = table.keysA[index]!
    device.keyB = table.keysB[index]!
    device.shift = table.shifts[index]!
    device.offset = table.offsets[index]!

    sampleSignals(this.#sample, profile, device, counter, dueMs)
    const { levels, noises } = this.#sample
    for (let s = 0; s < signals.length; s++) {
      const signal = signals[s]!
      let value = levels[s]! + noises[s]!
      if (active.length > 0) value = this.#distort(value, s, compiled, dueMs, active, profileIndex)
      if (value < signal.min) value = signal.min
      else if (value > signal.max) value = signal.max
      texts[s] = isBoolean[s] ? String(value >= 0.5) : numberText(value, signal.decimals)
    }
    for (let c = 0; c < categories.length; c++) {
      texts[signals.length + c] = this.#categoryTexts[profileIndex]![c]![this.#chooseCategory(categories[c]!, c, dueMs, active, profileIndex)]!
    }

    const literals = table.literals[index]!
    for (let m = 0; m < messages.length; m++) {
      const signal = layout.form === 'long' ? m : undefined
      const transport = active.length === 0 ? untouched : this.#transport(active, profileIndex, signal)
      if (!transport.isSent || (isExtra && !isFlooded(active, profileIndex, signal))) continue
      this.#message = m
      const variables = this.#variables
      variables.timeMs = dueMs + transport.skewMs
      variables.time = this.#timeText(variables.timeMs)
      if (signal !== undefined) variables.value = texts[signal]!
      const { slots, first } = messages[m]!
      const record: SimulatedRecord = {
        dueMs: dueMs + transport.delayMs,
        eventTimeMs: variables.timeMs,
        key: table.ids[index]!,
        value: writeMessage(literals, first, slots, variables),
        fault: transport.fault,
        partition: this.#partition,
        createTimeMs: this.#carriesEventTime ? undefined : variables.timeMs,
      }
      records.push(record)
      for (let copy = 0; copy < transport.copies; copy++) records.push(record)
    }
  }

  #distort(value: number, s: number, { profile }: CompiledProfile, timeMs: number, active: readonly ActiveIncident[], profileIndex: number): number {
    const { name, sigma, min, max } = profile.signals[s]!
    for (const incident of active) {
      const { fault } = incident
      if (fault.behaviour.distort === undefined || !fault.targets[profileIndex]!.signals[s]) continue
      const reading: SignalReading = {
        name,
        index: s,
        value,
        level: this.#sample.levels[s]!,
        noise: this.#sample.noises[s]!,
        sigma,
        min,
        max,
        timeMs,
        uniform: this.#uniform(incident, s),
      }
      value = fault.behaviour.distort(reading, incident)
    }
    return value
  }

  #chooseCategory({ name, weights }: PlannedCategory, c: number, timeMs: number, active: readonly ActiveIncident[], profileIndex: number): number {
    let scaled: readonly number[] = weights
    for (const incident of active) {
      const { fault } = incident
      const { weighed } = fault.targets[profileIndex]!.categories[c]!
      const factor = fault.behaviour.weigh?.(timeMs, incident)
      if (factor !== undefined && weighed.includes(true)) scaled = scaled.map((weight, v) => (weighed[v] ? weight * factor : weight))
    }
    let chosen = drawCategory(scaled, this.#device.keyA, this.#device.keyB, this.#counter, c)
    for (const incident of active) {
      const drawn = chosen
      if (incident.fault.targets[profileIndex]!.categories[c]!.isHeld) chosen = incident.remember(`value of ${name}`, () => drawn)
    }
    return chosen
  }

  #transport(active: readonly ActiveIncident[], profileIndex: number, signal: number | undefined): Transport {
    const transport = { ...untouched }
    for (const incident of active) {
      const { behaviour } = incident.fault
      if (signal !== undefined && !incident.fault.targets[profileIndex]!.signals[signal]) continue
      const uniform = this.#uniform(incident, signal ?? wholeMessage)
      transport.fault ??= behaviour.kind
      if (behaviour.isSent?.(uniform, incident) === false) transport.isSent = false
      transport.copies += behaviour.copies?.(uniform, incident) ?? 0
      transport.delayMs += behaviour.delayMs?.(uniform, incident) ?? 0
      transport.skewMs += behaviour.skewMs?.(incident) ?? 0
    }
    return transport
  }

  #uniform({ index }: ActiveIncident, signal: number): number {
    return uniformAt(this.#device.keyA, this.#device.keyB, this.#counter, streams.fault + 256 * index + signal)
  }
}

/** True when a flood is what asks for this message. */
function isFlooded(active: readonly ActiveIncident[], profileIndex: number, signal: number | undefined): boolean {
  return active.some(({ fault }) => fault.behaviour.rateFactor !== undefined && (signal === undefined || fault.targets[profileIndex]!.signals[signal] === true))
}
