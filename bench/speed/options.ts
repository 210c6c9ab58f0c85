import { parseArgs } from 'node:util'
import { OptionInvalid, readCount } from '../options.ts'
import { chooseEntrants, type Entrant } from './entrants.ts'

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
 * @throws OptionInvalid, ContenderUnknown; TypeError of `parseArgs` for an option that there is not.
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
    readings: readCount('readings', values.readings),
    devices: readCount('devices', values.devices),
    rounds: readCount('rounds', values.rounds),
    entrants: chooseEntrants(values.contender),
    compressions: [...new Set(values.compression.map(parseCompression))],
    json: values.json,
    page: values.page,
  }
}

function parseCompression(text: string): TopicCompression {
  const found = compressions.find((one) => one === text)
  if (found === undefined) throw new OptionInvalid(`--compression ${text}: there is no "${text}"; name ${compressions.join(', ')}`)
  return found
}

/** How the same figures are had again: the command, without the files that it wrote. */
export function describeCommand(args: readonly string[]): string {
  const isFile = (arg: string | undefined) => arg === '--json' || arg === '--page'
  const kept = args.filter((arg, i) => !isFile(arg) && !isFile(args[i - 1]) && !/^--(json|page)=/.test(arg))
  return ['npm run bench:speed', ...(kept.length > 0 ? ['--', ...kept] : [])].join(' ')
}
