import type { DetectorConfig } from '@tidewatch/api'
import type { OutputRecord } from '@tidewatch/kafka'
import { readTopicWithJava, testBroker, uniqueName } from '@tidewatch/kafka/testing'
import { mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { DetectorHarness } from '../testing/detector-harness.ts'
import type { DetectorProcess } from '../testing/detector-process.ts'
import { aPipelineConfig, createTopics } from '../testing/pipeline.ts'
import { TopologyDriver } from '../testing/topology-driver.ts'

const partitions = 3
/** Event time lies in the past of the machine: a recording. It begins where a window does. */
const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const kafka = new DetectorHarness(testBroker())
afterEach(() => kafka.kill())
afterAll(() => kafka.close())

/** @param checkpointEveryMs the time between two checkpoints of a partition. */
async function aPipeline({ checkpointEveryMs = 300, delivery = 'ExactlyOnce' }: { checkpointEveryMs?: number; delivery?: DetectorConfig['delivery'] } = {}): Promise<DetectorConfig> {
  const name = uniqueName('delivery')
  const config = aPipelineConfig(name, {
    partitions,
    allowedLatenessMs: 0,
    warmUp: 8,
    // The recording says all there is to say: nothing may close by the clock of the test.
    idleTimeoutMs: 86_400_000,
    delivery,
    checkpoint: { topic: `${name}-state`, intervalMs: checkpointEveryMs },
  })
  await createTopics(kafka.admin, config)
  return config
}

/** Readings of some devices in each partition, second by second, with spikes, poison and late ones among them. */
function readings(config: DetectorConfig, from: number, to: number): OutputRecord[] {
  const records: OutputRecord[] = []
  for (let second = from; second < to; second++) {
    for (let partition = 0; partition < partitions; partition++) {
      for (let d = 0; d < 4; d++) {
        const draw = mulberry32(second * 64 + partition * 8 + d)
        const device = `p${partition}d${d}`
        const isLate = draw() < 0.01
        const timestamp = new Date(startMs + (second - (isLate ? 60 : 0)) * 1_000).toISOString()
        const value = 20 + draw() + (draw() < 0.02 ? 50 : 0)
        const content = draw() < 0.01 ? 'poison' : JSON.stringify({ sensor_id: device, timestamp, metric: 't', value })
        records.push({ topic: config.topic, partition, key: device, value: content })
      }
    }
  }
  return records
}

/** What an uninterrupted run writes: the real topology over the partition's log, without a broker. */
async function expectedOf(config: DetectorConfig): Promise<{ scores: string[]; deadLetters: number; late: number }> {
  const scores: string[] = []
  let deadLetters = 0
  let late = 0
  for (const { partition, logEndOffset } of await kafka.admin.readOffsets(config.topic)) {
    const driver = new TopologyDriver({ config, partition, nowMs: Date.now() })
    for (const record of await kafka.reader.read(config.topic, partition, { from: 0, to: logEndOffset })) driver.step(record)
    scores.push(...driver.verdicts.map(({ verdict }) => JSON.stringify(verdict)))
    deadLetters += driver.deadLetters.length
    late += driver.late.length
  }
  return { scores: scores.sort(), deadLetters, late }
}

/** Everything an uninterrupted run would have written, each once, by a reader that shares no code with ours. */
async function expectExactlyOnce(config: DetectorConfig): Promise<void> {
  const expected = await expectedOf(config)
  expect(expected.scores.length).toBeGreaterThan(100)
  // Side by side: each waits mostly for nothing more to come.
  const topics = [config.outputs.scores!, config.outputs.deadLetters, config.outputs.late!]
  const [scores = [], deadLetters = [], late = []] = await Promise.all(topics.map((topic) => readTopicWithJava(testBroker(), topic)))
  const lost = expected.scores.filter((one) => !scores.includes(one)).length
  const repeated = scores.length - new Set(scores).size
  expect({ lost, repeated, scores: scores.sort() }).toEqual({ lost: 0, repeated: 0, scores: expected.scores })
  expect({ deadLetters: deadLetters.length, late: late.length }).toEqual({ deadLetters: expected.deadLetters, late: expected.late })
  // No transaction hangs: what read_committed readers are shown reaches to the end of every log.
  for (const topic of [config.outputs.scores!, config.outputs.anomalies, config.outputs.deadLetters, config.outputs.late!]) {
    for (const { partition, logEndOffset } of await kafka.admin.readOffsets(topic)) await kafka.reader.read(topic, partition, { from: Math.max(0, logEndOffset - 1), to: logEndOffset })
  }
}

/** Sends a recording a bit at a time, so that it takes long enough to be disturbed. */
async function feed(config: DetectorConfig, seconds: number, stepMs: number): Promise<void> {
  for (let second = 0; second < seconds; second += 10) {
    await kafka.sink.send(readings(config, second, second + 10))
    await new Promise((resolve) => setTimeout(resolve, stepMs))
  }
}

describe('exactly once, on a real broker', () => {
  // At random moments; e2e/chaos has the exact ones, and more of them.
  test('kill -9 again and again, with another detector beside it', async () => {
    const config = await aPipeline()
    const feeding = feed(config, 600, 200)
    const steady = kafka.start(config)
    let kills = 0
    let isFed = false
    void feeding.then(() => (isFed = true))
    const draw = mulberry32(7)
    while (!isFed) {
      const victim = kafka.start(config)
      await new Promise((resolve) => setTimeout(resolve, 3_000 + draw() * 3_000))
      await victim.signal('SIGKILL')
      kills++
    }
    expect(kills).toBeGreaterThan(1)
    await steady.signal('SIGKILL')
    kafka.start(config)
    await kafka.until('all is committed', () => kafka.isDone(config), 90_000)
    await expectExactlyOnce(config)
  }, 240_000)

  test('SIGTERM hands over at once: what was open is committed, a checkpoint is left, nothing is replayed', async () => {
    const config = await aPipeline({ checkpointEveryMs: 3_600_000 })
    await kafka.sink.send(readings(config, 0, 300))
    const first = kafka.start(config)
    await kafka.until('some is committed', async () => (await kafka.countCommitted(config)) > 1_000)
    expect(await first.signal('SIGTERM')).toBe(0)
    await kafka.sink.send(readings(config, 300, 600))
    const second = kafka.start(config)
    await kafka.until('all is committed', () => kafka.isDone(config))
    expect(second.output).toContain('Restored a partition from a checkpoint')
    expect(await second.read('tidewatch_detector_partitions_taken_over_total', { from: 'checkpoint' })).toBe(partitions)
    await expectExactlyOnce(config)
  })

  test('a detector that stood still for longer than its session writes nothing more and ends', async () => {
    const config = await aPipeline()
    await kafka.sink.send(readings(config, 0, 200))
    const sleeper = kafka.start(config)
    await kafka.until('it works', async () => (await kafka.countCommitted(config)) > 0)
    const feeding = feed(config, 600, 50)
    process.kill(sleeper.pid, 'SIGSTOP')
    const heir = kafka.start(config)
    await feeding
    await kafka.until('the other one has done it all', () => kafka.isDone(config), 90_000)
    const before = (await readTopicWithJava(testBroker(), config.outputs.scores!)).length
    process.kill(sleeper.pid, 'SIGCONT')
    expect(await sleeper.exited).toBe(1)
    expect(sleeper.output).toMatch(/Stood still for longer than the group waits for a member|FENCED/)
    expect(await readTopicWithJava(testBroker(), config.outputs.scores!)).toHaveLength(before)
    await kafka.until('the other one has it all again', () => kafka.isDone(config))
    expect(await heir.signal('SIGTERM')).toBe(0)
    const twice = await expectedOf(config)
    expect((await readTopicWithJava(testBroker(), config.outputs.scores!)).sort()).toEqual(twice.scores)
  }, 240_000)
})

describe('checkpoints, on a real broker', () => {
  /** Runs a detector over a part of a recording and ends it in order. */
  async function run(config: DetectorConfig, from: number, to: number): Promise<DetectorProcess> {
    await kafka.sink.send(readings(config, from, to))
    const child = kafka.start(config)
    await kafka.until('all is committed', () => kafka.isDone(config))
    expect(await child.signal('SIGTERM')).toBe(0)
    return child
  }

  test.each(['ExactlyOnce', 'AtLeastOnce'] as const)('%s: a damaged one is passed over, the one before it serves, and nothing is lost', async (delivery) => {
    const config = await aPipeline({ delivery, checkpointEveryMs: 1_500 })
    // Each detector leaves one at its end, beside those of its life.
    await run(config, 0, 200)
    await run(config, 200, 300)
    for (let partition = 0; partition < partitions; partition++) await damageNewest(config, partition)

    const third = await run(config, 300, 600)
    expect(third.output).toContain('SNAPSHOT_DAMAGED')
    expect(third.output).toContain('Restored a partition from a checkpoint')
    expect(third.output).not.toContain('No checkpoint of this partition can be used')
    await expectExactlyOnce(config)
  })

  test('state from another configuration starts fresh and says so', async () => {
    const config = await aPipeline()
    await run(config, 0, 300)
    const second = await run({ ...config, warmUp: 9 }, 300, 400)
    expect(second.output).toContain('was taken with another warmUp')
    expect(second.output).toContain('No checkpoint of this partition can be used: it starts fresh, and its models warm up again')
    const third = await run({ ...config, warmUp: 9 }, 400, 500)
    expect(third.output).toContain('Restored a partition from a checkpoint')
  })

  test('the topic for them is missing: one line says what to create', async () => {
    const config = await aPipeline()
    const child = kafka.start({ ...config, checkpoint: { topic: 'no-such-topic', intervalMs: 1_000 } })
    expect(await child.exited).toBe(1)
    expect(child.output.split('\n').at(-1)).toContain(`There is no topic no-such-topic for checkpoints: create it with cleanup.policy=compact and as many partitions as ${config.topic}`)
  })
})

/** Flips a byte in the middle of the newest checkpoint. */
async function damageNewest(config: DetectorConfig, partition: number): Promise<void> {
  const { topic } = config.checkpoint
  const { logStartOffset, logEndOffset } = await kafka.reader.readBounds(topic, partition)
  const records = await kafka.reader.read(topic, partition, { from: logStartOffset, to: logEndOffset })
  const newest = records.filter(({ key, value }) => value !== null && key?.toString().endsWith('/manifest')).at(-1)!
  const id = newest.key!.toString().split('/')[1]!
  const chunk = records.findLast(({ key, value }) => value !== null && key?.toString() === `${partition}/${id}/0`)!
  const bytes = Buffer.from(chunk.value!)
  bytes[bytes.length >> 1]! ^= 0x40
  await kafka.sink.send([{ topic, partition, key: chunk.key, value: bytes }])
}
