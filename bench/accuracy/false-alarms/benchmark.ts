import type { AvailableModel } from '@tidewatch/api'
import { figure, type Benchmark, type Result } from '../benchmark.ts'
import { normalKinds, type NormalKind } from './normal-readings.ts'
import { runNormal, windowForms, type AlarmCounts, type NormalRun } from './run-normal.ts'

/** Share of normal windows that is asked for. */
const rate = 1e-3
/** What comes out may be so many times more or less. */
export const mostOff = 2

const size = { devices: 10, windows: 2_000 }
/** Those that take most of a millisecond for a window have fewer devices. */
const slowestModels: readonly string[] = ['randomCutForest', 'ensemble'] satisfies AvailableModel[]
const slowestDevices = 5

export interface FalseAlarmsOptions {
  /** Runs of each kind of data and form of windows, with the seeds 1, 2, ... */
  seeds: number
}

/** What a model's scores are on data without faults, under a threshold by false-alarm rate. */
export function falseAlarmsBenchmark({ seeds }: FalseAlarmsOptions): Benchmark {
  const forms = Object.keys(windowForms) as (keyof typeof windowForms)[]
  return {
    name: 'falseAlarms',
    title: `False alarms: falseAlarmRate ${rate}, readings without any fault, windows of 60 s over a reading each 10 s, side by side and every 10 s, ${seeds} seed${seeds === 1 ? '' : 's'}`,
    columns: ['data', 'windows', 'flagged', 'flagged / asked', 'side by side', 'overlapping', 'flagged of the first 1,000'],
    notes: [
      'stationary: noise of 1. seasonal: and a daily wave of 8. drifting: and a level that strays by 0.5 in an hour, a random walk.',
      `${size.devices} devices with ${size.windows} windows a run, in one partition with one threshold; ${slowestModels.join(' and ')} ${slowestDevices}. The first 1,000 windows of a run are judged by the`,
      'boundary of 1 and counted apart: the last column is of a run. Of so few flagged windows the shares are right to 10 to 20 %.',
      'Only models: baselines and peers have no threshold that is asked for a rate.',
      `must: flagged / asked from ${1 / mostOff} to ${mostOff} (aim: 1.3).`,
    ],
    takes: ({ kind }) => kind === 'model',
    run: async ({ name }) => {
      const counts = normalKinds.map((kind) => {
        const byForm = forms.map((form) => {
          const runs = Array.from({ length: seeds }, (_, i) => runNormal({ model: name as AvailableModel, kind, form, seed: i + 1, rate, ...sizeFor(name) }))
          return sumOf(runs)
        })
        return { kind, byForm, all: sumOf(byForm) }
      })
      return summarise(name, counts, 2 * seeds)
    },
  }
}

const sizeFor = (model: string): Pick<NormalRun, 'devices' | 'windows'> => ({ ...size, ...(slowestModels.includes(model) && { devices: slowestDevices }) })

/** Several runs as one. */
export function sumOf(runs: readonly AlarmCounts[]): AlarmCounts {
  const sum: AlarmCounts = { judged: 0, flagged: 0, flaggedAtFirst: 0 }
  for (const run of runs) for (const key of Object.keys(sum) as (keyof AlarmCounts)[]) sum[key] += run[key]
  return sum
}

/** How many times the asked share was flagged. */
const ratioOf = ({ judged, flagged }: AlarmCounts): number => flagged / judged / rate

function summarise(contender: string, counts: readonly { kind: NormalKind; byForm: readonly AlarmCounts[]; all: AlarmCounts }[], runs: number): Result {
  return {
    contender,
    rows: counts.map(({ kind, byForm, all }) => [
      kind, String(all.judged), String(all.flagged), figure(ratioOf(all), 2), ...byForm.map((form) => figure(ratioOf(form), 2)), figure(all.flaggedAtFirst / runs, 1),
    ]),
    json: Object.fromEntries(counts.map(({ kind, all, byForm: [tumbling, sliding] }) => [
      kind, { asked: rate, got: all.flagged / all.judged, ratio: ratioOf(all), windows: all.judged, tumbling: ratioOf(tumbling!) * rate, sliding: ratioOf(sliding!) * rate },
    ])),
    missed: counts.flatMap(({ kind, all }) => findMissedRates(kind, ratioOf(all))),
    details: [],
  }
}

/** Whether a rate is further off than it may be. */
export function findMissedRates(kind: NormalKind, ratio: number): string[] {
  return ratio > mostOff || ratio < 1 / mostOff ? [`${kind} ${ratio.toFixed(2)} times the rate asked for`] : []
}
