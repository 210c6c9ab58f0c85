import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorConfig } from '@tidewatch/api'
import type { OutputRecord } from '@tidewatch/kafka'
import { readTopicIndependently, startSecureBroker, uniqueName, type SecureBroker } from '@tidewatch/kafka/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DetectorHarness } from './testing/detector-harness.ts'
import type { DetectorProcess } from './testing/detector-process.ts'
import { aPipelineConfig, createTopics } from './testing/pipeline.ts'

let broker: SecureBroker
let kafka: DetectorHarness

beforeAll(async () => {
  broker = await startSecureBroker()
  kafka = new DetectorHarness(broker.brokers)
})
afterEach(() => kafka.kill())
afterAll(async () => {
  await kafka.close()
  await broker.stop()
})

async function aPipeline(): Promise<DetectorConfig> {
  const config = aPipelineConfig(uniqueName('login'), { partitions: 2, warmUp: 1 })
  await createTopics(kafka.admin, config)
  return config
}

/** A detector of a pod whose pipeline names a Secret and an authority. */
function start(config: DetectorConfig, environment: Record<string, string>): DetectorProcess {
  return kafka.start(config, {
    TIDEWATCH_KAFKA_BROKERS: broker.secureAddress,
    TIDEWATCH_SESSION_TIMEOUT_MS: '10000',
    TIDEWATCH_KAFKA_TLS: 'true',
    TIDEWATCH_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    TIDEWATCH_KAFKA_CA_FILES: `${broker.strangerFile},${broker.caFile}`,
    ...environment,
  })
}

async function aPasswordFile(password: string): Promise<string> {
  const file = join(broker.folder, uniqueName('password'))
  await writeFile(file, `${password}\n`)
  return file
}

const devices = ['d0', 'd1', 'd2']
const startMs = Math.floor((Date.now() - 3_600_000) / 10_000) * 10_000
const readingsOf = ({ topic }: DetectorConfig, second: number): OutputRecord[] =>
  devices.map((device) => {
    const timestamp = new Date(startMs + second * 1_000).toISOString()
    return { topic, key: device, value: JSON.stringify({ sensor_id: device, timestamp, metric: 't', value: 20 + (second % 7) / 10 }) }
  })

describe('a detector that logs in', () => {
  test('goes on while its password is rotated under load: nothing lost, no restart', async () => {
    await broker.setPassword('bob', 'first')
    const config = await aPipeline()
    const passwordFile = await aPasswordFile('first')
    const child = start(config, { TIDEWATCH_KAFKA_USERNAME: 'bob', TIDEWATCH_KAFKA_PASSWORD_FILE: passwordFile })
    let ending: number | NodeJS.Signals | null | undefined
    void child.exited.then((code) => (ending = code))
    await kafka.until('it serves', async () => child.output.includes('Serving metrics and probes') && (await child.probe('/readyz')).status === 200)

    let isStopped = false
    const writing = (async () => {
      let second = 0
      // Ends within a window, so that the last one that closed is certain.
      for (; !isStopped || second % 10 !== 9; second++) {
        await kafka.sink.send(readingsOf(config, second))
        await sleep(20)
      }
      return second
    })()
    await kafka.until('it works', async () => (await child.read('events_processed_total')) > 100)
    await writeFile(passwordFile, 'second')
    // Sessions are renewed after 2 s, and refused until Kafka learns of the password too.
    await sleep(4_000)
    await broker.setPassword('bob', 'second')
    // None of the sessions that the first password opened outlives its 12 s.
    await sleep(14_000)
    isStopped = true
    const seconds = await writing

    await kafka.until('all is processed', async () => (await child.read('events_processed_total')) === devices.length * seconds)
    expect(ending).toBeUndefined()
    expect(await child.read('tidewatch_detector_windows_incomplete_total')).toBe(0)
    expect(await child.signal('SIGTERM')).toBe(0)

    const scores = (await readTopicIndependently(broker.brokers, config.outputs.scores!, 100)).map(
      ({ value }) => JSON.parse(value!) as { sensor_id: string; window_start: string; features: { count: number } },
    )
    // The last windows are open, or wait for what may yet come late; the first ones are what a model learns from.
    for (const device of devices) {
      const judged = scores.filter(({ sensor_id }) => sensor_id === device)
      expect(judged.every(({ features }) => features.count === 10)).toBe(true)
      const starts = [...new Set(judged.map(({ window_start }) => Date.parse(window_start)))].sort((a, b) => a - b)
      expect(judged).toHaveLength(starts.length)
      expect(starts).toEqual(starts.map((_, i) => starts[0]! + i * 10_000))
      expect(starts.at(-1)).toBe(startMs + (Math.floor((seconds - 6) / 10) - 1) * 10_000)
    }
  })

  test('ends with 1 and one sentence where its password is wrong', async () => {
    await broker.setPassword('carol', 'right')
    const child = start(await aPipeline(), { TIDEWATCH_KAFKA_USERNAME: 'carol', TIDEWATCH_KAFKA_PASSWORD_FILE: await aPasswordFile('wrong') })
    expect(await child.exited).toBe(1)
    expect(child.output.split('\n').at(-1)).toContain(`Kafka at ${broker.secureAddress} does not let us in as carol: `)
  })

  test('ends with 1 and one sentence where its password is missing', async () => {
    const absent = join(broker.folder, 'absent')
    const child = start(await aPipeline(), { TIDEWATCH_KAFKA_USERNAME: 'carol', TIDEWATCH_KAFKA_PASSWORD_FILE: absent })
    expect(await child.exited).toBe(1)
    expect(child.output).toContain(`The environment is not valid: TIDEWATCH_KAFKA_PASSWORD_FILE: ${absent} cannot be read: there is no such file`)
  })

  test("trusts the system's authorities beside those it is given", async () => {
    const environment = { TIDEWATCH_KAFKA_SASL_MECHANISM: 'PLAIN', TIDEWATCH_KAFKA_USERNAME: 'alice', TIDEWATCH_KAFKA_PASSWORD_FILE: await aPasswordFile('wonder') }
    const config = await aPipeline()
    const stranger = start(config, { ...environment, TIDEWATCH_KAFKA_CA_FILES: broker.strangerFile })
    expect(await stranger.exited).toBe(1)
    expect(stranger.output).toMatch(/No Kafka broker answered at .*self.signed certificate/)
    const trusting = start(config, { ...environment, TIDEWATCH_KAFKA_CA_FILES: broker.strangerFile, NODE_EXTRA_CA_CERTS: broker.caFile })
    await kafka.until('it serves', async () => trusting.output.includes('Serving metrics and probes') && (await trusting.probe('/readyz')).status === 200)
    expect(await trusting.signal('SIGTERM')).toBe(0)
  })
})
