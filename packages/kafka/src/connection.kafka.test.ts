import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin } from './admin.ts'
import { assertReachable, type KafkaConnection } from './connection.ts'
import { findFreePorts } from './embedded/free-ports.ts'
import { kafkaTool, startEmbeddedKafka, type EmbeddedKafka } from './embedded/index.ts'
import { createRecordSink } from './sink.ts'
import { createRecordSource } from './source.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let folder: string
let broker: EmbeddedKafka
let secureAddress: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidewatch-secure-'))
  makeCertificates(folder)
  const [port, securePort, controllerPort] = await findFreePorts(3)
  secureAddress = `127.0.0.1:${securePort}`
  const listener = 'listener.name.sasl_ssl'
  broker = await startEmbeddedKafka({
    port: port!,
    config: {
      listeners: `PLAINTEXT://127.0.0.1:${port},SASL_SSL://${secureAddress},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SASL_SSL://${secureAddress}`,
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': join(folder, 'broker.pem'),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      [`${listener}.plain.sasl.jaas.config`]:
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="wonder";',
      [`${listener}.scram-sha-512.sasl.jaas.config`]:
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      // A client renews its session 10 s before the end, so here after 2 s.
      'connections.max.reauth.ms': '12000',
    },
  })
})
afterAll(async () => {
  await broker.stop()
  await rm(folder, { recursive: true })
})

/** An authority, and a certificate for 127.0.0.1 from it. */
function makeCertificates(into: string): void {
  const openssl = (command: string) => execFileSync('sh', ['-c', command], { cwd: into, stdio: 'ignore' })
  openssl('openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2')
  openssl('openssl req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=127.0.0.1')
  openssl(
    'echo subjectAltName=IP:127.0.0.1 > ext && openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out broker.crt',
  )
  openssl('cat broker.key broker.crt ca.crt > broker.pem')
}

async function aConnection(mechanism: 'plain' | 'scram-sha-512', username: string, password: string) {
  const passwordFile = join(folder, `${username}-${Math.random()}`)
  await writeFile(passwordFile, `${password}\n`)
  const connection: KafkaConnection = {
    brokers: secureAddress,
    clientId: 'test',
    tls: { caFile: join(folder, 'ca.crt') },
    sasl: { mechanism, username, passwordFile },
  }
  return { connection, passwordFile }
}

async function setPassword(user: string, password: string): Promise<void> {
  const { exitCode, stdout } = await kafkaTool('kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', broker.brokers, '--alter', '--entity-type', 'users', '--entity-name', user],
    ...['--add-config', `SCRAM-SHA-512=[iterations=4096,password=${password}]`],
  ])
  expect(exitCode, stdout).toBe(0)
}

test('plain over TLS lets the right password in, and says whom it does not let in', async () => {
  await assertReachable((await aConnection('plain', 'alice', 'wonder')).connection, 5_000)
  const wrong = assertReachable((await aConnection('plain', 'alice', 'wander')).connection, 5_000)
  await expect(wrong).rejects.toMatchObject({ code: 'KAFKA_ACCESS_DENIED', retry: 'never' })
  await expect(wrong).rejects.toThrow(`Kafka at ${secureAddress} does not let us in as alice`)
})

test('a certificate of an authority that we do not know is the reason given', async () => {
  const { connection } = await aConnection('plain', 'alice', 'wonder')
  await expect(assertReachable({ ...connection, tls: {} }, 500)).rejects.toThrow(/self.signed certificate/)
})

test('a SCRAM password that is rotated under load: no loss, no restart', async () => {
  await setPassword('bob', 'first')
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
  await setPassword('bob', 'second')
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
