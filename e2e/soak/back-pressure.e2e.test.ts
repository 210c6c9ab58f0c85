import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorConfig } from '@tidewatch/api'
import { createRecordSink, createTopicAdmin, startEmbeddedKafka, type EmbeddedKafka, type EmbeddedKafkaOptions, type TopicAdmin } from '@tidewatch/kafka'
import { kafkaTool, readTopicWithJava } from '@tidewatch/kafka/testing'
import { createLogger } from '@tidewatch/kit'
import { afterEach, expect, test } from 'vitest'
import { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import { eventually } from '../support/eventually.ts'
import { buildPoison, checkPoison } from './backlog.ts'
import { createPipeline } from './pipeline.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
/** How long the broker stands still. `TIDEWATCH_STALL_SECONDS=60` is the long form. */
const stallMs = Number(process.env['TIDEWATCH_STALL_SECONDS'] ?? 5) * 1_000
/** What may wait in one partition: 5,000 outputs, and those of the batch on top of them (1 MiB of records of 210 bytes and more). */
const mostWaiting = 5_000 + 5_000
/** Where a transaction has failed, what was in it waits as well. */
const mostAfterFailure = 2 * mostWaiting
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A file system of its own, of which the size can be changed. */
function aDisk(size: string): { folder: string; resize: (size: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-small-disk-'))
  const mount = (options: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  mount(`size=${size}`)
  ends.push(() => {
    execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })
  return { folder, resize: (size) => mount(`remount,size=${size}`) }
}

/** A broker of its own, a pipeline, and a backlog of which each record comes to one dead letter. */
async function aBacklog(partitions: number, count: number, options: EmbeddedKafkaOptions = {}) {
  const broker = await startEmbeddedKafka(options)
  ends.push(() => broker.stop())
  const connection = { brokers: broker.brokers, clientId: 'test' }
  const admin = createTopicAdmin({ connection, log })
  ends.push(() => admin.close())
  const config = await createPipeline(admin, 'full', partitions)
  const sink = createRecordSink({ connection, log })
  await sink.send(buildPoison(config.topic, partitions, count))
  await sink.close()
  return { broker, admin, config }
}

function startDetector(config: DetectorConfig, broker: EmbeddedKafka): DetectorProcess {
  const detector = new DetectorProcess(config, broker.brokers)
  ends.push(() => detector.signal('SIGKILL'))
  return detector
}

const readCommitted = async (admin: TopicAdmin, { groupId, topic }: DetectorConfig): Promise<number> =>
  [...(await admin.readCommitted(groupId, topic)).values()].reduce((sum, { offset }) => sum + offset, 0)

/** Looks again and again at how much waits, until told to stop; the most that was seen. */
function watchWaiting(detector: DetectorProcess): () => Promise<number> {
  let most = 0
  const end = new AbortController()
  const watching = (async () => {
    while (!end.signal.aborted) {
      most = Math.max(most, await detector.read('tidewatch_detector_outputs_waiting'))
      await sleep(100)
    }
  })()
  return async () => {
    end.abort()
    await watching
    return most
  }
}

async function expectAllOnce(broker: EmbeddedKafka, admin: TopicAdmin, config: DetectorConfig, count: number): Promise<void> {
  await eventually('all is committed', () => readCommitted(admin, config), (committed) => committed === count, { timeoutMs: 120_000 })
  expect(checkPoison(count, await readTopicWithJava(broker.brokers, config.outputs.deadLetters))).toEqual({ lost: [], repeated: 0, strange: 0 })
}

test('a broker that stands still in the middle of a backlog: what waits is bounded, and all of it is there once in the end', async () => {
  const count = 40_000
  const { broker, admin, config } = await aBacklog(1, count)
  const detector = startDetector(config, broker)
  await eventually('it is at work', () => readCommitted(admin, config), (committed) => committed > 0, { everyMs: 20 })
  const stopWatching = watchWaiting(detector)
  await broker.kill('SIGSTOP')
  await sleep(stallMs)
  await broker.kill('SIGCONT')
  await expectAllOnce(broker, admin, config, count)
  expect(await stopWatching()).toBeLessThanOrEqual(mostAfterFailure)
  expect(await detector.signal('SIGTERM')).toBe(0)
})

test('outputs that are slower than the input: the partition is paused, and all of it is there once in the end', async () => {
  const count = 30_000
  const { broker, admin, config } = await aBacklog(1, count)
  // The broker itself holds the detector's writes back; it may read as fast as it likes.
  const clientId = `tidewatch-detector-${config.pipeline.name}`
  const { exitCode, stderr } = await kafkaTool('kafka.admin.ConfigCommand', [
    '--bootstrap-server', broker.brokers, '--alter', '--add-config', 'producer_byte_rate=3000000', '--entity-type', 'clients', '--entity-name', clientId,
  ])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  const detector = startDetector(config, broker)
  const stopWatching = watchWaiting(detector)
  await expectAllOnce(broker, admin, config, count)
  const most = await stopWatching()
  expect(most).toBeGreaterThan(2_500)
  expect(most).toBeLessThanOrEqual(mostWaiting)
  expect(await detector.signal('SIGTERM')).toBe(0)
})

test('a full disk under the broker: the detector says so, and goes on when there is space again', async () => {
  const count = 30_000
  const { folder, resize } = aDisk('200m')
  const { broker, admin, config } = await aBacklog(1, count, { dataDir: join(folder, 'data') })
  const usedMib = Number(execFileSync('du', ['-sm', folder]).toString().split('\t')[0])
  // Room for the detector to begin, and not for what it has to write.
  resize(`${usedMib + 3}m`)
  const detector = startDetector(config, broker)
  const stopWatching = watchWaiting(detector)
  await broker.died
  await sleep(2_000)
  resize('200m')
  await broker.restart()
  await expectAllOnce(broker, admin, config, count)
  expect(await stopWatching()).toBeLessThanOrEqual(mostAfterFailure)
  expect(detector.output).toContain('A broker of Kafka cannot write to its disk: free space there or give it a larger one; until then what is to be written waits and is tried again')
  expect(await detector.signal('SIGTERM')).toBe(0)
})
