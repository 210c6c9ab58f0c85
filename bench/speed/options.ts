import { parseArgs } from 'node:util'
import { defineError } from '@tidewatch/kit'
import { chooseEntrants, type Entrant } from './entrants.ts'

export const SpeedOptionInvalid = defineError('SPEED_OPTION_INVALID', { retry: 'never' })

export const compressions = ['none', 'lz4'] as const
export type TopicCompression = (typeof compressions)[number]

export interface SpeedOptions {
  /** At least so many on the topic; rounded up to whole slides of all devices. */
  readings: number
  devices: number
  rounds: number
  /** In the order in which they run. */
  entrants: Entrant[]
  compressions: TopicCompression[]
  json: string | undefined
  page: string | undefined
}

/**
 * What the command was asked for.
 *
 * @throws SpeedOptionInvalid; TypeError of `parseArgs` for an option that there is not.
 */
export function parseOptions(args: readonly string[]): SpeedOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      readings: { type: 'string', default: '1000000' },
      devices: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '1' },
      contender: { type: 'string', multiple: true, default: [] },
      compression: { type: 'string', multiple: true, default: ['none'] },
      json: { type: 'string' },
      page: { type: 'string' },
    },
  })
  return {
    readings: parseCount('readings', values.readings),
    devices: parseCount('devices', values.devices),
    rounds: parseCount('rounds', values.rounds),
    entrants: chooseEntrants(values.contender),
    compressions: [...new Set(values.compression.map(parseCompression))],
    json: values.json,
    page: values.page,
  }
}

function parseCount(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new SpeedOptionInvalid(`--${option} is a whole number from 1 on, not "${text}"`)
}

function parseCompression(text: string): TopicCompression {
  const found = compressions.find((one) => one === text)
  if (found === undefined) throw new SpeedOptionInvalid(`There is no compression "${text}" here: name ${compressions.join(' or ')}`)
  return found
}
