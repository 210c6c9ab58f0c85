import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DetectorConfig } from '@tidewatch/api'
import { createPartitionReader, type TopicAdmin } from '@tidewatch/kafka'
import { defineError, messageOf, type Logger } from '@tidewatch/kit'
import { countCommitted } from '../broker.ts'
import { buildConfig, Detectors } from './detectors.ts'
import { idOf, type Entrant } from './entrants.ts'
import { computeFigures, type RunFigures, type Sample } from './figures.ts'
import type { Peer } from './peers.ts'
import type { RunPlan } from './plan.ts'
import { readFigures } from './process-figures.ts'
import { MarkedProgram, type Program } from './program.ts'
import { WindowCheck } from './window-check.ts'

export const ContenderFailed = defineError('CONTENDER_FAILED', { retry: 'never' })

/** How often is looked whether it is through: the error of a run's time, and cheap enough not to be seen in it. */
const lookEveryMs = 50
/** A contender that comes no further for so long hangs. */
const hangsAfterMs = 90_000
/** Peers commit so often where nothing is lost by it: Kafka Streams' own default. */
const atLeastOnceCommitMs = 30_000

/** A topic that is loaded, and what its windows must come to. */
export interface LoadedTopic {
  topic: string
  partitions: number
  records: number
  plan: RunPlan
  expected: ReadonlyMap<string, Float64Array>
}

export interface Bench {
  brokers: string
  admin: TopicAdmin
  log: Logger
  pipeline: DetectorConfig
  peers: ReadonlyMap<Entrant['name'], Peer>
}

/**
 * Runs a contender on the topic from the beginning, checks what it wrote, and takes its topics away.
 *
 * @param name a new one for each run: group, topics and state are called by it.
 * @throws ContenderFailed with its last words; OutputWrong.
 */
export async function runEntrant(bench: Bench, loaded: LoadedTopic, entrant: Entrant, name: string): Promise<RunFigures> {
  const { admin } = bench
  const output = `${name}-windows`
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-speed-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const topics = [output, `${name}-anomalies`, `${name}-dead-letters`, `${name}-state`]
  await admin.ensureTopics(topics.map((topic) => ({ name: topic, partitions: loaded.partitions, config: topic.endsWith('-state') ? { 'cleanup.policy': 'compact' } : { 'retention.ms': '-1' } })))
  const startedMs = Date.now()
  const program = start(bench, loaded, entrant, { name, output, folder })
  try {
    const samples = [{ atMs: startedMs, cpuMs: 0, rssBytes: 0, peakRssBytes: 0 }]
    const endedMs = await untilDone(bench, loaded, entrant, { program, output, group: name, samples })
    const beganMs = program.beganMs()
    if (beganMs === undefined) throw failed(entrant, 'is through without having told when it began', program)
    await program.stop()
    const windows = entrant.name === 'bare-loop' ? 0 : await checkOutput(bench, loaded, entrant, output)
    return computeFigures({ samples, beganMs, endedMs, readings: loaded.records, windows, devices: loaded.plan.devices })
  } finally {
    await program.stop()
    removeFolder()
    process.off('exit', removeFolder)
    // Only for room on the disk. What went wrong before must not be hidden by it.
    await admin.deleteTopics(topics).catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`))
  }
}

function start({ brokers, pipeline, peers }: Bench, { topic, records, plan }: LoadedTopic, entrant: Entrant, { name, output, folder }: { name: string; output: string; folder: string }): Program {
  const { guarantee, workers } = entrant
  if (entrant.name === 'tidewatch') return new Detectors(buildConfig(pipeline, plan, { name, topic, output, guarantee }), brokers, workers)
  if (entrant.name === 'bare-loop') return new MarkedProgram(process.execPath, [fileURLToPath(new URL('bare-loop.ts', import.meta.url)), brokers, topic, name, String(records)])
  const { command, args } = peers.get(entrant.name)!
  const { sizeMs, slideMs, latenessMs, firstWindowMs } = plan
  const commitIntervalMs = guarantee === 'ExactlyOnce' || entrant.name === 'river' ? pipeline.commitIntervalMs : atLeastOnceCommitMs
  return new MarkedProgram(command, args({ brokers, topic, output, group: name, guarantee, workers, commitIntervalMs, sizeMs, slideMs, latenessMs, firstWindowMs, folder }))
}

/** Waits until the last window can be read by whoever trusts the guarantee. @returns when that was. */
async function untilDone(
  { admin }: Bench,
  { topic, records, expected }: LoadedTopic,
  entrant: Entrant,
  { program, output, group, samples }: { program: Program; output: string; group: string; samples: Sample[] },
): Promise<number> {
  let hasExited = false
  void program.exited.then(() => (hasExited = true))
  const isExactlyOnce = entrant.guarantee === 'ExactlyOnce'
  const whole = isExactlyOnce ? records : expected.size
  let [furthest, furthestAtMs] = [0, Date.now()]
  for (;;) {
    if (hasExited) throw failed(entrant, 'has ended', program)
    const reached = entrant.guarantee === 'None' ? 0 : isExactlyOnce ? await countCommitted(admin, group, topic) : await countRecords(admin, output)
    const atMs = Date.now()
    samples.push({ atMs, ...readFigures(program.pids) })
    const endedMs = program.endedMs()
    if (endedMs !== undefined) return endedMs
    if (reached >= whole) return atMs
    if (reached > furthest) [furthest, furthestAtMs] = [reached, atMs]
    if (atMs - furthestAtMs > hangsAfterMs) throw failed(entrant, `has come to ${furthest} of ${whole} ${isExactlyOnce ? 'records' : 'windows'} and no further for ${hangsAfterMs / 1_000} s`, program)
    await sleep(lookEveryMs)
  }
}

const countRecords = async (admin: TopicAdmin, topic: string): Promise<number> => (await admin.readOffsets(topic)).reduce((sum, { logEndOffset }) => sum + logEndOffset, 0)

/** @returns how many windows there are, each as it must be. @throws OutputWrong */
async function checkOutput({ admin, brokers, log }: Bench, { expected }: LoadedTopic, entrant: Entrant, output: string): Promise<number> {
  const check = new WindowCheck(idOf(entrant), expected)
  const reader = createPartitionReader({ connection: { brokers, clientId: 'check' }, log })
  try {
    for (const { partition, logStartOffset, logEndOffset } of await admin.readOffsets(output)) {
      for (const { value } of await reader.read(output, partition, { from: logStartOffset, to: logEndOffset })) check.add(String(value))
    }
  } finally {
    await reader.close()
  }
  return check.finish()
}

const failed = (entrant: Entrant, what: string, program: Program) => new ContenderFailed(`${idOf(entrant)} ${what}. It said:\n${program.words()}`)
