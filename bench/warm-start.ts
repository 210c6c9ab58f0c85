/**
 * What a new device's model is worth when it starts from its cohort's prior, beside one that warms up alone and beside devices that are long warm:
 *
 *     npm run bench:warm-start -- [--model NAME]... [--seeds N] [--json FILE]
 *
 * Fleets of systems C and D with devices that begin to send when the others have been judged for some time: some like their cohort, some with another
 * level, some noisier. Figures are of windows that end before a device has sent for `span` windows. Exits with 1 where starting from a prior raises
 * more false alarms than warming up alone, or having been warm for long, by more than chance allows.
 */
import { parseArgs } from 'node:util'
import type { DetectorConfig } from '@tidewatch/api'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { TopologyDriver } from '@tidewatch/detector/testing'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { createSimulation } from '@tidewatch/simulator'
import { comparedModels, resolveModel } from './accuracy/models.ts'
import { systemC, systemD, type Scenario } from './scenarios.ts'

const minute = 60_000
/** Windows from a device's first reading in which it is looked at. */
const span = 150
/** Windows of a new device after which faults begin: those that warm up alone judge by then. */
const faultAfter = 40

/** How a new device differs from its cohort. */
type Difference = 'alike' | 'elsewhere' | 'noisier'
const differences: readonly Difference[] = ['alike', 'elsewhere', 'noisier']
type Start = 'cohort' | 'alone' | 'warm'

interface Fleet {
  scenario: Scenario
  /** Between two windows of a device. */
  stepMs: number
  /** When the new ones begin, from the run's start. */
  newFromMs: number
  isNew: (device: string) => boolean
}

const c = systemC()
const d = systemD()
const typesOfD = ['rooftop_unit', 'chiller'] as const
const fleets: readonly Fleet[] = [
  {
    scenario: { ...c, fleet: { ...c.fleet, devices: { count: 60, idPattern: 'sensor_%06d' }, durationMs: 75 * minute } },
    stepMs: 10_000,
    newFromMs: 45 * minute,
    isNew: (device) => Number(device.slice(-6)) > 30,
  },
  {
    scenario: {
      ...d,
      fleet: {
        ...d.fleet,
        devices: { list: typesOfD.flatMap((device_type) => Array.from({ length: 16 }, (_, i) => ({ device_id: `${device_type}-${i}`, device_type, location: 'roof', building_id: 'a' }))) },
        durationMs: 14 * 60 * minute,
      },
    },
    stepMs: minute,
    newFromMs: 11 * 60 * minute,
    isNew: (device) => Number(device.split('-')[1]) >= 8,
  },
]

/** Counts of windows of some devices. */
class Counts {
  normal = 0
  falseAlarms = 0
  faulty = 0
  found = 0
  readonly incidents = new Map<string, boolean>()
  readonly firstWindows: number[] = []
}

/** Readings as they are sent by new devices of one sort. */
const change: Record<Difference, (value: number, draw: () => number) => number> = {
  alike: (value) => value,
  elsewhere: (value) => value + 100,
  noisier: (value, draw) => value + 2 * gaussian(draw),
}

interface Run {
  fleet: Fleet
  model: DetectorConfig['model']
  warmStart: DetectorConfig['warmStart']
  difference: Difference
  seed: number
}

/** @returns counts of the new devices, and of the others in the same time. */
function run({ fleet, model, warmStart, difference, seed }: Run): { ofNew: Counts; ofWarm: Counts } {
  const { scenario, stepMs, newFromMs, isNew } = fleet
  const { fleet: simulated, pipeline } = scenario
  const fault = { kind: 'spike', selector: { share: 0.5 }, startMs: newFromMs + faultAfter * stepMs, durationMs: 4 * stepMs, magnitude: 8, everyMs: undefined } as const
  const simulation = createSimulation({ ...simulated, seed, speed: 1e6, faults: [fault] }, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })
  const config: DetectorConfig = { ...pipeline, seed, model, warmStart, outputs: { ...pipeline.outputs, scores: 'scores' } }
  const driver = new TopologyDriver({ config, nowMs: simulation.startMs })
  const draw = mulberry32(seed)
  const fromMs = simulation.startMs + newFromMs
  const [ofNew, ofWarm] = [new Counts(), new Counts()]
  const first = new Map<string, number>()
  for (const { dueMs, key, value, fault: label } of simulation) {
    if (dueMs > fromMs + (span + 5) * stepMs) break
    driver.nowMs = dueMs
    const device = String(key)
    if (!isNew(device)) driver.send(label === undefined ? { key, value } : { key, value, fault: label })
    else if (dueMs >= fromMs) {
      const changed = String(value).replace(/("value":|"metric_value":)(-?[0-9.e]+)/, (_, name: string, number: string) => `${name}${change[difference](Number(number), draw)}`)
      driver.send(label === undefined ? { key, value: changed } : { key, value: changed, fault: label })
    }
    for (const { verdict, device: judged, fault: truth } of driver.verdicts) {
      const endMs = Date.parse(verdict.window_end)
      if (endMs < fromMs || endMs > fromMs + span * stepMs) continue
      const counts = isNew(judged) ? ofNew : ofWarm
      const group = `${judged} ${verdict.metric}`
      if (isNew(judged) && !first.has(group)) {
        first.set(group, endMs)
        counts.firstWindows.push((endMs - fromMs) / stepMs)
      }
      if (truth === undefined) {
        counts.normal++
        if (verdict.is_anomaly) counts.falseAlarms++
      } else {
        counts.faulty++
        counts.incidents.set(group, counts.incidents.get(group) === true || verdict.is_anomaly)
      }
    }
    driver.verdicts.length = 0
  }
  return { ofNew, ofWarm }
}

const { values } = parseArgs({
  options: { model: { type: 'string', multiple: true, default: ['microClusters', 'robustZScore'] }, seeds: { type: 'string', default: '3' }, json: { type: 'string' } },
})
if (values.json !== undefined) checkWritable(values.json)
const unknown = values.model.find((asked) => !comparedModels.some((name) => name === asked))
if (unknown !== undefined) throw new TypeError(`There is no model ${unknown} to compare: name ${comparedModels.join(', ')}`)

interface Row {
  system: Scenario['system']
  model: string
  device: Difference
  start: Start
  firstJudged: number
  windows: number
  falseAlarms: number
  incidents: number
  recall: number
}

const rows: Row[] = []
console.log('system  model              device     start   first judged  normal windows  false alarms         incidents  recall')
for (const fleet of fleets) {
  for (const name of comparedModels.filter((one) => values.model.includes(one))) {
    const { model } = resolveModel(name)
    for (const difference of differences) {
      const all: Record<Start, Counts[]> = { cohort: [], alone: [], warm: [] }
      for (let seed = 1; seed <= Number(values.seeds); seed++) {
        all.cohort.push(run({ fleet, model, warmStart: 'Cohort', difference, seed }).ofNew)
        const { ofNew, ofWarm } = run({ fleet, model, warmStart: 'None', difference, seed })
        all.alone.push(ofNew)
        all.warm.push(ofWarm)
      }
      for (const start of ['warm', 'alone', 'cohort'] as const) report(fleet, name, difference, start, all[start])
    }
  }
}

function report({ scenario }: Fleet, model: string, device: Difference, start: Start, counts: readonly Counts[]): void {
  const sum = (pick: (one: Counts) => number): number => counts.reduce((total, one) => total + pick(one), 0)
  const incidents = counts.flatMap((one) => [...one.incidents.values()])
  const firsts = counts.flatMap((one) => one.firstWindows).sort((a, b) => a - b)
  const row: Row = {
    system: scenario.system,
    model,
    device,
    start,
    firstJudged: firsts[firsts.length >> 1] ?? NaN,
    windows: sum(({ normal }) => normal),
    falseAlarms: sum(({ falseAlarms }) => falseAlarms),
    incidents: incidents.length,
    recall: incidents.filter(Boolean).length / incidents.length,
  }
  rows.push(row)
  console.log(
    [
      row.system.padEnd(6),
      model.padEnd(17),
      device.padEnd(9),
      start.padEnd(6),
      (start === 'warm' ? '' : String(row.firstJudged)).padStart(12),
      String(row.windows).padStart(14),
      `${row.falseAlarms} (${((100 * row.falseAlarms) / row.windows).toFixed(3)} %)`.padStart(18),
      String(row.incidents).padStart(9),
      row.recall.toFixed(3).padStart(6),
    ].join('  '),
  )
}

/** More than devices of the same kind have that are long warm or warmed up alone, by three standard deviations of both Poisson counts. */
const broken = rows.filter((row) => {
  if (row.start !== 'cohort') return false
  const others = rows.filter((other) => other.start !== 'cohort' && other.system === row.system && other.model === row.model && other.device === row.device)
  const due = Math.max(...others.map(({ falseAlarms, windows }) => (falseAlarms * row.windows) / windows))
  return row.falseAlarms > due + 3 * Math.sqrt(2 * due + 1)
})
console.log(broken.length === 0 ? '\nA model that starts from a prior raises no more false alarms than one that warmed up alone, or is long warm.' : `\nMore false alarms than others have: ${broken.map(({ system, model, device }) => `${model}, ${device} on ${system}`).join('; ')}`)
if (values.json !== undefined) writeJson(values.json, rows)
process.exitCode = broken.length === 0 ? 0 : 1
