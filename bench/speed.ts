/**
 * How fast the detector is beside others that do the same work on the same topic:
 *
 *     npm run bench:speed -- [--readings N] [--devices N] [--rounds R] [--contender NAME]... [--compression none|lz4]... [--json FILE] [--page FILE]
 *
 * It starts a broker, loads readings of system C, lets one contender after the other work them off, and compares what each wrote with what the
 * windows come to. --contender names tidewatch, kafka-streams, flink, river or bare-loop, or one form of it such as kafka-streams/ExactlyOnce/2; default: all.
 * --page puts the report into docs/reference/performance.md. Peers come from their registries into the cache at the first run; one that cannot be had
 * sits out. It ends with 2 when it cannot run or a contender wrote something wrong.
 */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { createLogger, messageOf } from '@tidewatch/kit'
import { withBroker } from './broker.ts'
import { describeMachine } from './machine.ts'
import { putSection, writeSection } from './put-section.ts'
import { readSystem } from './read-system.ts'
import { runCommand } from './run-command.ts'
import { bareLoop, idOf, orderOfRound, type ContenderName, type Entrant } from './speed/entrants.ts'
import { ExpectedWindows } from './speed/expected-windows.ts'
import { runEntrant, type Bench, type LoadedTopic } from './speed/measure.ts'
import { describeCommand, parseOptions, type SpeedOptions, type TopicCompression } from './speed/options.ts'
import { installFlink, installKafkaStreams, installRiver, type Peer } from './speed/peers.ts'
import { planRun } from './speed/plan.ts'
import { computeRatios } from './speed/ratios.ts'
import { renderReport } from './speed/report.ts'
import { describeResults, type EntrantRuns, type Results } from './speed/results.ts'
import { generateRecords, loadTopic, readingOf } from './speed/topic.ts'

const sample = fileURLToPath(new URL('../config/samples/valid/sensors-10k.yaml', import.meta.url))
const system = readSystem(sample)
const place = 'performance:speed'
const log = createLogger({ name: 'bench', level: 'error' })

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  if (options.json !== undefined) checkWritable(options.json)
  // Before hours of work: a page without a place is refused here.
  if (options.page !== undefined) putSection(readFileSync(options.page, 'utf8'), place, '')
  const plan = planTopic(options)
  const { peers, absent } = await installPeers(options.entrants)
  const entrants = options.entrants.filter(({ name }) => !absent.some((one) => one.name === name))
  // Members that start together are to be in the first generation of their group together, as with a broker's defaults.
  await withBroker(async ({ brokers, admin }) => {
    const bench: Bench = { brokers, admin, log, pipeline: system.pipeline, peers }
    const runs: EntrantRuns[] = []
    const ratios: Results['ratios'] = []
    for (const compression of options.compressions) {
      const rounds = await runRounds(bench, await load(bench, plan, compression), { entrants, compression, rounds: options.rounds, runs })
      ratios.push({ compression, byName: computeRatios(rounds) })
    }
    const versions = Object.assign({}, ...[...peers.values()].map((peer) => peer.versions)) as Record<string, string>
    report({ command: describeCommand(process.argv.slice(2)), machine: describeMachine(), versions, rounds: options.rounds, readings: plan.readings, devices: plan.devices, entrants: runs, ratios, absent }, options)
  }, { heap: '1g', config: { 'group.initial.rebalance.delay.ms': '2000' } })
  return 0
}

function planTopic({ readings, devices }: SpeedOptions) {
  const { window, allowedLatenessMs } = system.pipeline
  if (window.kind !== 'sliding') throw new Error(`The benchmark is of sliding windows, and ${sample} has ${window.kind}`)
  return planRun({ readings, devices, intervalMs: system.fleet.intervalMs, sizeMs: window.sizeMs, slideMs: window.slideMs, latenessMs: allowedLatenessMs }, Date.now())
}

/** Those that are needed, and why the others are not to be had. */
async function installPeers(entrants: readonly Entrant[]): Promise<{ peers: Map<ContenderName, Peer>; absent: Results['absent'] }> {
  const peers = new Map<ContenderName, Peer>()
  const absent: Results['absent'] = []
  for (const [name, install] of [['kafka-streams', installKafkaStreams], ['flink', installFlink], ['river', installRiver]] as const) {
    if (!entrants.some((one) => one.name === name)) continue
    try {
      peers.set(name, await install())
    } catch (error) {
      absent.push({ name, reason: messageOf(error) })
    }
  }
  return { peers, absent }
}

async function load(bench: Bench, plan: LoadedTopic['plan'], compression: TopicCompression): Promise<LoadedTopic> {
  const topic = `readings-${compression}`
  const { partitions } = system.pipeline
  process.stderr.write(`Loading ${plan.readings.toLocaleString('en')} readings, compression ${compression}\n`)
  const windows = new ExpectedWindows(plan)
  const records = await loadTopic(bench, { topic, partitions, compression }, generateRecords(topic, partitions, system.fleet, plan), (record) => {
    const reading = readingOf(record)
    if (reading !== undefined) windows.add(reading.device, reading.eventTimeMs, reading.value)
  })
  return { topic, partitions, records, plan, expected: windows.compute() }
}

/** @param runs filled. @returns readings a second by contender, round by round. */
async function runRounds(
  bench: Bench,
  loaded: LoadedTopic,
  { entrants, compression, rounds, runs }: { entrants: readonly Entrant[]; compression: TopicCompression; rounds: number; runs: EntrantRuns[] },
): Promise<Map<string, number>[]> {
  const own = entrants.map((entrant): EntrantRuns => ({ entrant, compression, runs: [] }))
  runs.push(...own)
  const speeds: Map<string, number>[] = []
  // The broker compiles itself too, and whoever reads first would pay for it.
  await runEntrant(bench, loaded, bareLoop, `not-counted-${compression}`)
  for (let round = 1; round <= rounds; round++) {
    const speedOf = new Map<string, number>()
    speeds.push(speedOf)
    for (const { entrant, runs: ofEntrant } of orderOfRound(own, round)) {
      const id = idOf(entrant)
      const figures = await runEntrant(bench, loaded, entrant, `${id.replaceAll('/', '-')}-${compression}-${round}`)
      ofEntrant.push(figures)
      speedOf.set(id, figures.readingsPerSecond)
      process.stderr.write(`Round ${round}: ${id} ${Math.round(figures.readingsPerSecond).toLocaleString('en')} readings/s in ${figures.seconds.toFixed(1)} s${entrant.name === 'bare-loop' ? '' : `, ${figures.windows} windows as they must be`}\n`)
    }
  }
  return speeds
}

function report(results: Results, { json, page }: SpeedOptions): void {
  const text = renderReport(results)
  console.log(text)
  if (json !== undefined) writeJson(json, describeResults(results))
  if (page !== undefined) writeSection(page, place, text)
}

// What was started ends with this process, also where that is stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]))

await runCommand(main)
