/**
 * Prints how the models find synthetic faults: `node detector/src/models/testing/measure-faults.ts [keys] [seed,...]`.
 * A window counts as a false alarm of the kind whose keys it happened on; `all` is over every key's normal windows.
 */
import { modelFactories } from '../registry.ts'
import { faultKinds, featuresOf, judge, makeSeries, systemC, systemD, systemDByDevice } from './synthetic-faults.ts'
import type { System, Tally } from './synthetic-faults.ts'

const keys = Number(process.argv[2] ?? 40)
const seeds = (process.argv[3] ?? '1,2,3').split(',').map(Number)

function* seriesOf(system: System, kind: (typeof faultKinds)[number], seed: number) {
  for (let key = 0; key < keys; key++) yield makeSeries(system, kind, seed * 1000 + key)
}

const share = (part: number, whole: number, digits = 3): string => (whole === 0 ? '-' : (part / whole).toFixed(digits))
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(3)}%`

for (const [name, make] of Object.entries(modelFactories)) {
  for (const system of [systemC, systemD, systemDByDevice]) {
    for (const seed of seeds) {
      const tallies = new Map<string, Tally>()
      for (const kind of faultKinds) tallies.set(kind, judge(make(), featuresOf(system), seriesOf(system, kind, seed)))
      const all = [...tallies.values()]
      const sum = (of: (tally: Tally) => number): number => all.reduce((total, tally) => total + of(tally), 0)
      console.log(`\n${name}, system ${system.name}, seed ${seed}: ${percent(sum((t) => t.flaggedNormal), sum((t) => t.normalWindows))} of normal windows flagged`)
      console.log('kind    recall  precision  windows-found  false-alarms  next-flagged  delay-p50  delay-p95 (windows)')
      for (const [kind, t] of tallies) {
        const at = (p: number): string => String(t.delays[Math.floor(p * (t.delays.length - 1))] ?? '-')
        const cells = [share(t.detected, t.incidents), share(t.flaggedFaulty, t.flaggedFaulty + t.flaggedNormal), share(t.flaggedFaulty, t.faultyWindows, 2),
          percent(t.flaggedNormal, t.normalWindows), share(t.flaggedBehind, t.incidents), at(0.5), at(0.95)]
        const widths = [7, 10, 14, 13, 13, 10, 10]
        console.log(kind.padEnd(7) + cells.map((cell, i) => cell.padStart(widths[i]!)).join(''))
      }
    }
  }
}
