import type { DeviceIdentity } from '../devices.ts'
import type { PlannedProfile, PlannedSignal } from '../signals/profile.ts'

/** What can stand in a message beside its fixed text. */
export type SlotName = 'device' | 'deviceType' | 'time' | 'timeMs' | 'metric' | 'value' | 'unit' | 'location' | 'building' | 'id' | 'values'

export interface Slot {
  slot: SlotName
  /** Of `values`: the signal or category. */
  name?: string
  /** json: as a JSON value, texts in quotes. text: inside a string that is there already. bare: a category's value without quotes. */
  as: 'json' | 'text' | 'bare'
}

/** A message is fixed text with slots in it. */
export type Token = string | Slot

/** The shape of the messages of one profile. */
export interface Layout {
  /** long: a message for each signal. wide: one message with everything. */
  form: 'long' | 'wide'
  tokens: Token[]
  /** Signals that are sent as true (0.5 and above) and false. */
  booleans?: readonly string[]
}

/** One format: how the messages of a profile look, or why they cannot. */
export interface MessageFormat {
  /** False where the payload tells no event time; then the record's CreateTime does. */
  carriesEventTime: boolean
  /** @throws FleetInvalid when the profile lacks what the format must say. */
  plan(profile: PlannedProfile): Layout
}

export const slot = (name: Exclude<SlotName, 'values'>): Slot => ({ slot: name, as: 'json' })
export const valueOf = (name: string, as: Slot['as'] = 'json'): Slot => ({ slot: 'values', name, as })

/** A JSON object of slots, objects and raw JSON text, as tokens. */
export function objectOf(fields: [name: string, value: Token | Token[]][]): Token[] {
  const tokens: Token[] = []
  fields.forEach(([name, value], index) => {
    tokens.push(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
    tokens.push(...(Array.isArray(value) ? value : [value]))
  })
  tokens.push('}')
  return tokens
}

/** Slots whose text changes with every message; `values` count up from 0: signals first, then categories. */
export const dynamicSlots = { time: -1, timeMs: -2, value: -3, id: -4 } as const

/** What a message says apart from its device's and signal's fixed text; one object, refilled for each message. */
export interface Variables {
  time: string
  timeMs: number
  value: string
  id: () => string
  /** Numbers as JSON, category values escaped but without quotes. */
  texts: string[]
}

/** A message cut up: fixed texts with dynamic slots between them (always one text more than slots). */
export interface Pieces {
  literals: string[]
  slots: number[]
}

/**
 * Puts in all that is fixed for a device (and, in the long form, a signal).
 *
 * @param share returns an equal string it has seen before, so that a million devices do not each hold a copy of
 *   the same text.
 */
export function compilePieces(
  layout: Layout,
  profile: PlannedProfile,
  device: DeviceIdentity,
  signal: PlannedSignal | undefined,
  share: (text: string) => string = (text) => text,
): Pieces {
  const literals: string[] = []
  const slots: number[] = []
  let text = ''
  const dynamic = (code: number, quoted: boolean) => {
    literals.push(share(quoted ? `${text}"` : text))
    slots.push(code)
    text = quoted ? '"' : ''
  }
  for (const token of layout.tokens) {
    if (typeof token === 'string') {
      text += token
      continue
    }
    const quoted = token.as === 'json'
    switch (token.slot) {
      case 'time':
      case 'id':
        dynamic(dynamicSlots[token.slot], quoted)
        break
      case 'timeMs':
      case 'value':
        dynamic(dynamicSlots[token.slot], false)
        break
      case 'values': {
        const index = profile.signals.findIndex(({ name }) => name === token.name)
        if (index !== -1) dynamic(index, false)
        else dynamic(profile.signals.length + profile.categories.findIndex(({ name }) => name === token.name), quoted)
        break
      }
      default:
        text += fixedText(token, device, signal)
    }
  }
  literals.push(share(text))
  return { literals, slots }
}

function fixedText({ slot: name, as }: Slot, device: DeviceIdentity, signal: PlannedSignal | undefined): string {
  const value = fixedValue(name, device, signal)
  return as === 'json' ? JSON.stringify(value) : escapeText(value ?? '')
}

function fixedValue(name: SlotName, device: DeviceIdentity, signal: PlannedSignal | undefined): string | null {
  switch (name) {
    case 'device':
      return device.id
    case 'deviceType':
      return device.type
    case 'location':
      return device.location
    case 'building':
      return device.building
    case 'metric':
      return signal?.name ?? null
    default:
      return signal?.unit ?? null
  }
}

/** A text as it stands inside a JSON string. */
export const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Writes the message whose fixed texts begin at `first` in `literals`. */
export function writeMessage(literals: readonly string[], first: number, slots: readonly number[], variables: Variables): string {
  let text = literals[first]!
  for (let i = 0; i < slots.length; i++) text += dynamicText(slots[i]!, variables) + literals[first + i + 1]!
  return text
}

function dynamicText(code: number, variables: Variables): string {
  switch (code) {
    case dynamicSlots.time:
      return variables.time
    case dynamicSlots.value:
      return variables.value
    case dynamicSlots.timeMs:
      return String(variables.timeMs)
    case dynamicSlots.id:
      return variables.id()
    default:
      return variables.texts[code]!
  }
}
