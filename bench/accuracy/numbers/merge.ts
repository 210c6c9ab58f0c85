import { readEarlier } from '../../options.ts'
import { benchmarkNames } from '../benchmark.ts'
import type { Figures } from './summary.ts'

/** Where the summary stands in the JSON, beside the benchmarks. */
export const numbersKey = 'numbers'

/** What an earlier run has written with --json, without its summary. @throws OptionInvalid */
export function readEarlierRun(file: string): Figures {
  const written = readEarlier<Figures>('from', file, isFigures)
  return Object.fromEntries(Object.entries(written).filter(([name]) => name !== numbersKey))
}

/** A contender that was run again takes the place of what it had; the others keep theirs. */
export function mergeFigures(earlier: Figures, benchmark: string, results: readonly { contender: string; json: object }[]): Figures {
  return { ...earlier, [benchmark]: { ...earlier[benchmark], ...Object.fromEntries(results.map(({ contender, json }) => [contender, json])) } }
}

function isFigures(content: unknown): boolean {
  const known: readonly string[] = [...benchmarkNames, numbersKey]
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject(content) && Object.entries(content).every(([name, byContender]) => known.includes(name) && isObject(byContender) && Object.values(byContender).every(isObject))
}
