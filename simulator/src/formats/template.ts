import { FleetInvalid } from '../errors.ts'
import { compilePieces, writeMessage, type Layout, type MessageFormat, type Slot, type SlotName, type Token } from './layout.ts'
import { namesOf } from './requirements.ts'

const slotNames: readonly SlotName[] = ['device', 'deviceType', 'time', 'timeMs', 'metric', 'value', 'unit', 'location', 'building', 'id']
const longSlots: readonly SlotName[] = ['metric', 'value', 'unit']
const slotPattern = /\{\{\s*([^{}]*?)\s*\}\}/g

/**
 * A message shape of the user's own: JSON with `{{device}}`, `{{value}}` and so on in it. A slot inside quotes
 * gives escaped text; one outside gives a JSON value. A template with `{{metric}}`, `{{value}}` or `{{unit}}`
 * makes a message of each signal, any other one message of the whole reading.
 *
 * @throws FleetInvalid when a slot has no such name.
 */
export function createTemplateFormat(template: string): MessageFormat {
  const tokens = parseTemplate(template)
  const slots = tokens.filter((token): token is Slot => typeof token !== 'string')
  const isLong = slots.some(({ slot }) => longSlots.includes(slot))
  if (isLong && slots.some(({ slot }) => slot === 'values')) {
    throw new FleetInvalid(
      'The template mixes {{metric}}, {{value}} or {{unit}}, which make a message of each signal, ' +
        'with {{values.NAME}}, which makes one message of all: write either',
    )
  }
  return {
    carriesEventTime: slots.some(({ slot }) => slot === 'time' || slot === 'timeMs'),
    plan(profile) {
      const names = namesOf(profile)
      const unknown = slots.find(({ slot, name }) => slot === 'values' && !names.includes(name ?? ''))
      if (unknown !== undefined) {
        throw new FleetInvalid(`The template names {{values.${unknown.name}}}, which profile "${profile.name}" has not: it has ${names.join(', ')}`)
      }
      if (isLong && profile.signals.length === 0) {
        throw new FleetInvalid(`Profile "${profile.name}" has no signals, and the template sends one message for each: write at least one`)
      }
      const layout: Layout = { form: isLong ? 'long' : 'wide', tokens }
      const { literals, slots: codes } = compilePieces(layout, profile, { id: 'a', type: 'a', location: 'a', building: 'a', profile: 0 }, profile.signals[0])
      const sample = writeMessage(literals, 0, codes, { time: 'a', timeMs: 1, value: '1', id: () => 'a', texts: names.map(() => '1') })
      try {
        JSON.parse(sample)
      } catch (cause) {
        throw new FleetInvalid(`The template does not make valid JSON: a message would be ${sample.slice(0, 200)}`, { cause })
      }
      return layout
    },
  }
}

/** Cuts a template into its tokens. */
export function parseTemplate(template: string): Token[] {
  const tokens: Token[] = []
  let isInString = false
  let end = 0
  for (const match of template.matchAll(slotPattern)) {
    const literal = template.slice(end, match.index)
    isInString = endsInString(literal, isInString)
    if (literal !== '') tokens.push(literal)
    tokens.push(parseSlot(match[1] ?? '', isInString))
    end = match.index + match[0].length
  }
  if (end < template.length) tokens.push(template.slice(end))
  return tokens
}

function parseSlot(name: string, isInString: boolean): Slot {
  const as = isInString ? 'text' : 'json'
  if (name.startsWith('values.')) return { slot: 'values', name: name.slice('values.'.length), as }
  const known = slotNames.find((slot) => slot === name)
  if (known === undefined) throw new FleetInvalid(`The template names {{${name}}}, which is not known: write one of ${slotNames.join(', ')} or values.NAME`)
  return { slot: known, as }
}

function endsInString(literal: string, isInString: boolean): boolean {
  for (let i = 0; i < literal.length; i++) {
    if (isInString && literal[i] === '\\') i++
    else if (literal[i] === '"') isInString = !isInString
  }
  return isInString
}
