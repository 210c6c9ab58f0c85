import { AppError, createLogger, FakeClock, nextTurn } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { runSimulation, type RunOptions, type SimulationProgress } from './runner.ts'
import { aConfig, aFault, noonMs, recordsOf, withFaults } from './testing/config.ts'
import { MemorySink } from './testing/memory-sink.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await nextTurn()
}

/** A run on a clock of its own; `pass` lets time pass in small steps. */
function start(config: RunOptions['config'], options: Partial<RunOptions> = {}) {
  const clock = new FakeClock(noonMs)
  const sink = new MemorySink()
  const progress: SimulationProgress[] = []
  let isOver = false
  const running = runSimulation({ config, sink, clock, onProgress: (one) => progress.push(one), ...options }).finally(() => (isOver = true))
  running.catch(() => {})
  const pass = async (ms: number, stepMs = 5) => {
    await settle()
    for (let passed = 0; passed < ms && !isOver; passed += stepMs) {
      clock.advance(stepMs)
      await settle()
    }
  }
  return { clock, sink, progress, running, pass, isOver: () => isOver }
}

const never = () => new Promise<void>(() => {})

describe('at speed 1', () => {
  const config = aConfig((c) => Object.assign(c, { durationMs: 3_000 }))

  test('records are sent when they are due, soon and never early', async () => {
    const { clock, sink, pass, running } = start(config)
    const seen: { atMs: number; key: string }[] = []
    const send = sink.send.bind(sink)
    sink.send = (records) => {
      for (const { key } of records) seen.push({ atMs: clock.now(), key: String(key) })
      return send(records)
    }
    await pass(3_100)
    const report = await running
    const expected = recordsOf(config)
    expect(seen.map(({ key }) => key)).toEqual(expected.map(({ key }) => key))
    seen.forEach(({ atMs }, i) => {
      expect(atMs).toBeGreaterThanOrEqual(expected[i]!.dueMs)
      expect(atMs - expected[i]!.dueMs).toBeLessThanOrEqual(20)
    })
    expect(report).toMatchObject({ sent: 30, sendErrors: 0, injected: {} })
    expect(Math.abs(report.achievedRate - 10)).toBeLessThan(0.5)
  })

  test('progress is told about once a second, and at the end', async () => {
    const { progress, pass, running } = start(config)
    await pass(3_100)
    await running
    expect(progress).toHaveLength(3)
    expect(progress[0]!.sent).toBeGreaterThanOrEqual(9)
    for (const one of progress) expect(one.activeDevices).toBe(10)
    expect(progress[1]!.currentRate).toBeGreaterThan(8)
    expect(progress.at(-1)).toMatchObject({ sent: 30 })
  })
})

describe('batches', () => {
  test('are sent when full', async () => {
    const { sink, pass } = start(aConfig((c) => Object.assign(c, { batchSize: 4, lingerMs: 60_000, durationMs: 5_000 })))
    await pass(4_900)
    expect(sink.batches.length).toBeGreaterThanOrEqual(11)
    for (const batch of sink.batches) expect(batch).toHaveLength(4)
  })

  test('wait for linger to fill', async () => {
    const { sink, pass, running } = start(aConfig((c) => Object.assign(c, { lingerMs: 500, durationMs: 5_000 })))
    await pass(6_000)
    await running
    expect(sink.records).toHaveLength(50)
    expect(sink.batches.length).toBeLessThanOrEqual(11)
    expect(sink.batches.length).toBeGreaterThanOrEqual(9)
  })

  test('carry topic, key, and the fault header on faulty records alone', async () => {
    const config = aConfig(withFaults(aFault('spike', { selector: { devices: ['sensor_000003'] } })), (c) => Object.assign(c, { durationMs: 2_000, faultHeader: 'x-fault' }))
    const { sink, pass, running } = start(config)
    await pass(2_100)
    expect(await running).toMatchObject({ injected: { spike: 2 } })
    const expected = recordsOf(config).map(({ key, value, fault }) => ({ topic: 'readings', key, value, ...(fault === undefined ? {} : { headers: { 'x-fault': 'spike' } }) }))
    expect(sink.records).toEqual(expected)
  })

  test('carry a CreateTime only where the payload has no event time, and a partition where there is one', async () => {
    const { sink, pass, running } = start(aConfig((c) => Object.assign(c, { format: { preset: 'NetworkFlow' }, partition: 2, durationMs: 1_000 })))
    await pass(1_100)
    await running
    for (const { timestampMs, partition } of sink.records) {
      expect(timestampMs).toBeGreaterThanOrEqual(noonMs)
      expect(partition).toBe(2)
    }
  })
})

describe('a slow sink', () => {
  test('is waited for: one batch on its way, no more than two made', async () => {
    const { sink, pass } = start(aConfig((c) => Object.assign(c, { speed: 1_000_000, batchSize: 10 })))
    sink.answers = [never]
    let calls = 0
    const send = sink.send.bind(sink)
    sink.send = (records) => {
      calls++
      return send(records)
    }
    await pass(10_000, 1_000)
    expect(calls).toBe(1)
    expect(sink.inFlight).toBe(1)
  })

  test('is caught up with in full batches, without loss', async () => {
    const { sink, pass, running, clock } = start(aConfig((c) => Object.assign(c, { durationMs: 10_000, batchSize: 20 })))
    sink.answers = [() => clock.sleep(5_000), async () => {}]
    await pass(11_000, 50)
    expect(await running).toMatchObject({ sent: 100, sendErrors: 0 })
    expect(sink.batches.map(({ length }) => length)).toContain(20)
  })
})

describe('errors of the sink', () => {
  test('are counted, and the run goes on', async () => {
    const { sink, pass, running } = start(aConfig((c) => Object.assign(c, { durationMs: 5_000, batchSize: 10, lingerMs: 60_000 })))
    sink.answers = [
      () => Promise.reject(new AppError('KAFKA_FAILED', 'backoff', 'nobody answered')),
      () => Promise.reject(new AppError('RECORD_TOO_LARGE', 'never', 'too large')),
      async () => {},
    ]
    await pass(5_100)
    expect(await running).toMatchObject({ sent: 30, sendErrors: 20 })
  })

  test('that never pass end the run, and are told', async () => {
    const lines: string[] = []
    const log = createLogger({ name: 'test', destination: { write: (line: string) => void lines.push(line) } })
    const { sink, progress, pass, running } = start(aConfig(), { log })
    sink.answers = [() => Promise.reject(new AppError('TOPIC_MISSING', 'never', 'There is no topic readings'))]
    await pass(3_000)
    await expect(running).rejects.toThrow('There is no topic readings')
    expect(progress.at(-1)).toMatchObject({ sent: 0, sendErrors: 1 })
    expect(lines.join('')).toContain('There is no topic readings')
  })
})

test('a run is ended early by its signal: what is on its way is waited for', async () => {
  const abort = new AbortController()
  const { sink, pass, running, clock, isOver } = start(aConfig((c) => Object.assign(c, { durationMs: undefined })), { signal: abort.signal })
  await pass(2_000)
  sink.answers = [() => clock.sleep(1_000)]
  await pass(200)
  abort.abort()
  await settle()
  expect(isOver()).toBe(false)
  await pass(3_000)
  const report = await running
  expect(report.sent).toBe(sink.records.length)
  expect(report.sent).toBeGreaterThanOrEqual(20)
})

test('a day in a minute is paced by the wall clock and never ahead of it', async () => {
  const { clock, sink, pass, running } = start(aConfig((c) => Object.assign(c, { speed: 1_440, durationMs: 86_400_000, intervalMs: 600_000 })))
  const send = sink.send.bind(sink)
  sink.send = (records) => {
    for (const { value } of records) expect(Date.parse((JSON.parse(String(value)) as { timestamp: string }).timestamp)).toBeLessThanOrEqual(clock.now())
    return send(records)
  }
  await pass(30_000, 50)
  expect(Math.abs(sink.records.length - 720)).toBeLessThan(20)
  await pass(31_000, 50)
  expect(await running).toMatchObject({ sent: 1_440 })
  expect(clock.now() - noonMs).toBeGreaterThan(59_000)
})
