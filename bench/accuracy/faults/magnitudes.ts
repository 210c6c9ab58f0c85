import { availableModels } from '@tidewatch/api'
import type { Benchmark, Result } from '../benchmark.ts'
import { cellsOf, describeScore, faultColumns } from './cells.ts'
import type { FaultsOptions } from './benchmark.ts'
import { scenariosFor } from './fault-runs.ts'
import { faultKindsRun, magnitude, type FaultCounts, type RunKind } from './run-fault.ts'
import { summariseRuns } from './summary.ts'

/** Times the default magnitude. */
const factors = [0.5, 1, 2] as const
/** A reading that is stuck has no magnitude. */
const kinds = faultKindsRun.filter((kind) => kind !== 'stuck')
/** What a magnitude is counted in. */
const unit: Record<RunKind, string> = { spike: 'sd', stuck: '', noise: 'x noise', drift: 'sd' }

/** How recall and delay change with how strong a fault is. */
export function magnitudesBenchmark({ seeds, runs }: FaultsOptions): Benchmark {
  return {
    name: 'magnitudes',
    title: `Faults by magnitude: as above, at half, once and twice the default magnitude, ${seeds} seed${seeds === 1 ? '' : 's'}`,
    columns: ['system', 'fault', 'magnitude', ...faultColumns],
    notes: [
      'magnitude: of a spike, and of a drift at its end, in standard deviations of the signal\'s noise; of noise, how many times its own. A reading that is stuck has none.',
      'Only the default model, and whoever is named by --model. No goal: a fault of half the magnitude is to show where a model ends.',
    ],
    takes: ({ name }, isNamed) => isNamed || name === availableModels[0],
    run: async (contender) => {
      const lines: { row: string[]; path: [string, string, string]; json: object }[] = []
      for (const scenario of scenariosFor(contender)) {
        for (const kind of kinds) {
          for (const factor of factors) {
            const counts: FaultCounts[] = []
            for (let seed = 1; seed <= seeds; seed++) {
              const one = await runs.count(contender, { scenario, kind, seed, factor })
              if (one === undefined) return { contender: contender.name, rows: [Array.from({ length: 3 + faultColumns.length }, () => '-')], json: {}, missed: [], details: [] }
              counts.push(one)
            }
            const score = summariseRuns(counts)
            lines.push({ row: [scenario.system, kind, `${factor * magnitude[kind]} ${unit[kind]}`, ...cellsOf(score)], path: [scenario.system, kind, String(factor)], json: describeScore(score) })
          }
        }
      }
      return summarise(contender.name, lines)
    },
  }
}

function summarise(contender: string, lines: readonly { row: string[]; path: [string, string, string]; json: object }[]): Result {
  const systems: Record<string, Record<string, Record<string, object>>> = {}
  for (const { path: [system, kind, factor], json } of lines) ((systems[system] ??= {})[kind] ??= {})[factor] = json
  return { contender, rows: lines.map(({ row }) => row), json: { systems }, missed: [], details: [] }
}
