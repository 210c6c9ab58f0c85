import type { DetectorConfig } from '@tidewatch/api'
import { createLogger, createRegistry, FakeClock } from '@tidewatch/kit'
import { afterEach, expect, test } from 'vitest'
import { DetectorMetrics } from '../metrics.ts'
import { Runner } from '../runner.ts'
import { aConfig, plainModel, plainThreshold } from '../testing/index.ts'
import { FakeBroker, FakeSink, FakeSource } from '../testing/fake-kafka.ts'
import { AtLeastOnce } from './at-least-once.ts'

const startMs = Date.UTC(2026, 0, 1)
const log = createLogger({ name: 'test', level: 'silent' })
const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A detector that writes a dead letter for each record, and acknowledges a write when its test says so. */
async function aRunner(given: Partial<DetectorConfig> = {}) {
  const config = aConfig(given)
  const broker = new FakeBroker(config.topic)
  const source = new FakeSource(broker)
  const sink = new FakeSink()
  const clock = new FakeClock(startMs)
  const metrics = new DetectorMetrics(createRegistry(), config.topic)
  const admin = { readPartitionCount: async () => broker.logs.length, readCommitted: async () => new Map(broker.committed) }
  const delivery = new AtLeastOnce({ config, source, sink, admin, metrics, clock, log })
  const running = new Runner({ config, source, delivery, metrics, clock, log, factories: { models: plainModel(), thresholds: plainThreshold() } }).run(new AbortController().signal)
  running.catch(() => {})
  const begun: number[] = []
  const answers: PromiseWithResolvers<void>[] = []
  sink.onSend = (records) => {
    begun.push(records.length)
    const answer = Promise.withResolvers<void>()
    answers.push(answer)
    return answer.promise
  }
  stops.push(async () => {
    sink.onSend = undefined
    for (const { resolve } of answers) resolve()
    await source.close()
    await running.catch(() => {})
  })
  await source.assign([0])
  /** Lets records come, each of which cannot be read. Resolves when the detector asks for more. */
  const bring = (count: number, bytes = 6) => {
    for (let i = 0; i < count; i++) broker.append(0, { value: Buffer.alloc(bytes, 'p') })
    return source.deliver()
  }
  const offsets = () => broker.commits.map(([position]) => position?.offset)
  return { source, clock, running, begun, answers, bring, offsets }
}

/** Whatever can go on without an answer has gone on. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('reading goes on while a write is under way, and what comes out meanwhile is one write after it', async () => {
  const { begun, answers, bring } = await aRunner()
  await bring(10)
  await settled()
  await bring(20)
  await bring(30)
  await settled()
  expect(begun).toEqual([10])
  answers[0]!.resolve()
  await settled()
  expect(begun).toEqual([10, 50])
})

test('a commit waits for all that came out before it, and for nothing that came out behind it; reading waits for neither', async () => {
  const { clock, begun, answers, bring, offsets } = await aRunner()
  await bring(10)
  await settled()
  clock.advance(1_000)
  await bring(20)
  await bring(5)
  answers[0]!.resolve()
  await settled()
  await bring(40)
  await settled()
  expect(begun).toEqual([10, 25])
  expect(offsets()).toEqual([0])
  answers[1]!.resolve()
  await settled()
  expect(begun).toEqual([10, 25, 40])
  expect(offsets()).toEqual([0, 30])
})

test.each([
  ['records', 5_000, 6],
  ['bytes', 36, 240 * 1_024],
])('no more waits for a write than one may hold: as many %s', async (_, count, bytes) => {
  const { begun, answers, bring } = await aRunner()
  await bring(1)
  await settled()
  let isAsked = false
  void bring(count, bytes).then(() => (isAsked = true))
  await settled()
  expect({ begun, isAsked }).toEqual({ begun: [1], isAsked: false })
  answers[0]!.resolve()
  await settled()
  expect({ begun, isAsked }).toEqual({ begun: [1, count], isAsked: true })
})

test('a write that fails is followed by none, nothing is committed, and the next event ends the detector', async () => {
  const { source, running, begun, answers, bring, offsets } = await aRunner()
  await bring(10)
  await settled()
  await bring(20)
  answers[0]!.reject(new Error('no broker'))
  await settled()
  void source.idle()
  await expect(running).rejects.toThrow('no broker')
  expect(begun).toEqual([10])
  expect(offsets()).toEqual([0])
})

test('what is under way is in before partitions that come anew are begun', async () => {
  const { source, clock, begun, answers, bring, offsets } = await aRunner()
  await bring(10)
  await settled()
  clock.advance(1_000)
  await bring(20)
  let isAsked = false
  void source.assign([0]).then(() => (isAsked = true))
  await settled()
  expect({ begun, isAsked }).toEqual({ begun: [10], isAsked: false })
  answers[0]!.resolve()
  await settled()
  answers[1]!.resolve()
  await settled()
  expect({ begun, isAsked, offsets: offsets() }).toEqual({ begun: [10, 20], isAsked: true, offsets: [0, 30] })
})
