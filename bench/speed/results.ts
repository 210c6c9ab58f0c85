import type { Entrant } from './entrants.ts'
import type { RunFigures } from './figures.ts'
import type { TopicCompression } from './options.ts'
import { spreadOf, type Ratio, type RatioSpec } from './ratios.ts'

/** The runs of a contender on one topic, round by round. */
export interface EntrantRuns {
  entrant: Entrant
  compression: TopicCompression
  runs: RunFigures[]
}

export interface Results {
  /** As it was called. */
  command: string
  machine: string
  versions: Record<string, string>
  rounds: number
  /** On each topic. */
  readings: number
  devices: number
  entrants: EntrantRuns[]
  ratios: { compression: TopicCompression; byName: Map<RatioSpec, Ratio> }[]
  absent: { name: string; reason: string }[]
}

/** The median of a figure over the rounds. */
export const medianOf = ({ runs }: EntrantRuns, figure: keyof RunFigures): number => spreadOf(runs.map((run) => run[figure])).median

/** As a file: figures are medians over the rounds, and the rounds' own speeds stand beside them. */
export function describeResults({ command, machine, versions, rounds, readings, devices, entrants, ratios }: Results): object {
  return {
    command,
    machine,
    versions,
    rounds,
    readings,
    devices,
    contenders: entrants.map((one) => ({
      ...one.entrant,
      compression: one.compression,
      readingsPerSecond: medianOf(one, 'readingsPerSecond'),
      perCpuSecond: medianOf(one, 'perCpuSecond'),
      peakRssBytes: medianOf(one, 'peakRssBytes'),
      windows: medianOf(one, 'windows'),
      windowsPerSecond: medianOf(one, 'windowsPerSecond'),
      bytesPerDevice: medianOf(one, 'bytesPerDevice'),
      startUpSeconds: medianOf(one, 'startUpSeconds'),
      readingsPerSecondByRound: one.runs.map(({ readingsPerSecond }) => readingsPerSecond),
    })),
    ratios: Object.fromEntries(ratios.flatMap(({ compression, byName }) => [...byName].map(([{ name }, ratio]) => [compression === 'none' ? name : `${name}, ${compression}`, ratio]))),
  }
}
