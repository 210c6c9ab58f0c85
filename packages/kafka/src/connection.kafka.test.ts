import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin } from './admin.ts'
import { assertReachable, type KafkaConnection } from './connection.ts'
import { createRecordSink } from './sink.ts'
import { createRecordSource } from './source.ts'
import { startSecureBroker, type SecureBroker } from './testing/secure-broker.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let broker: SecureBroker

beforeAll(async () => {
  broker = await startSecureBroker()
})
afterAll(() => broker.stop())

async function aConnection(mechanism: 'plain' | 'scram-sha-512', username: string, password: string) {
  const passwordFile = join(broker.folder, `${username}-${Math.random()}`)
  await writeFile(passwordFile, `${password}\n`)
  const connection: KafkaConnection = {
    brokers: broker.secureAddress,
    clientId: 'test',
    tls: { caFile: broker.caFile },
    sasl: { mechanism, username, passwordFile },
  }
  return { connection, passwordFile }
}

test('plain over TLS lets the right password in, and says whom it does not let in', async () => {
  await assertReachable((await aConnection('plain', 'alice', 'wonder')).connection, 5_000)
  const wrong = assertReachable((await aConnection('plain', 'alice', 'wander')).connection, 5_000)
  await expect(wrong).rejects.toMatchObject({ code: 'KAFKA_ACCESS_DENIED', retry: 'never' })
  await expect(wrong).rejects.toThrow(`Kafka at ${broker.secureAddress} does not let us in as alice`)
})

test('a certificate of an authority that we do not know is the reason given', async () => {
  const { connection } = await aConnection('plain', 'alice', 'wonder')
  await expect(assertReachable({ ...connection, tls: {} }, 500)).rejects.toThrow(/self.signed certificate/)
})

test('a SCRAM password that is rotated under load: no loss, no restart', async () => {
  await broker.setPassword('bob', 'first')
  const { connection, passwordFile } = await aConnection('scram-sha-512', 'bob', 'first')
  const admin = createTopicAdmin({ connection, log })
  await admin.ensureTopics([{ name: 'rotation', partitions: 2 }])
  await admin.close()

  const sink = createRecordSink({ connection, log })
  let isStopped = false
  const writing = (async () => {
    let count = 0
    for (; !isStopped; count++) {
      await sink.send([{ topic: 'rotation', key: `k${count}`, value: String(count) }])
      await sleep(2)
    }
    return count
  })()
  const source = createRecordSource({ connection, log, topic: 'rotation', groupId: 'g', heartbeatIntervalMs: 300 })
  const seen = new Set<string>()
  let expected = Infinity
  let assignments = 0
  const reading = (async () => {
    for await (const event of source) {
      if (event.kind === 'assigned') {
        assignments++
        event.start(event.partitions.map((one) => ({ ...one, offset: one.logStartOffset })))
      }
      if (event.kind === 'batch') for (const { value } of event.batch.records) seen.add(String(value))
      if (seen.size >= expected) break
    }
  })()

  await sleep(1_000)
  await broker.setPassword('bob', 'second')
  // The file comes later, as a kubelet's does; sessions are renewed, and refused, meanwhile.
  await sleep(4_000)
  await writeFile(passwordFile, 'second')
  await sleep(4_000)
  isStopped = true
  expected = await writing
  await reading
  await Promise.all([sink.close(), source.close()])
  expect(expected).toBeGreaterThan(100)
  expect(seen.size).toBe(expected)
  expect(assignments).toBeLessThanOrEqual(3)
})
