import { createLogger, FakeClock } from '@tidewatch/kit'
import type { Kube } from '@tidewatch/kube'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { FakeKafkaCluster } from '../testing/fake-kafka-cluster.ts'
import { AdminPool, type KafkaTarget } from './admin-pool.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const login: KafkaTarget = { namespace: 'plant', connection: { brokers: ['kafka:9092'], tls: undefined, authentication: { kind: 'scramSha512', username: 'u', password: { name: 'login', key: 'password' } } } }
const plain: KafkaTarget = { namespace: 'plant', connection: { brokers: ['kafka:9092'], tls: undefined, authentication: undefined } }

/** Secrets are all that the pool asks the API server for. */
function openPool(password: string) {
  const clock = new FakeClock()
  const kafka = new FakeKafkaCluster()
  const secrets = { password }
  const files: string[] = []
  const kube = { read: async () => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, data: { password: Buffer.from(secrets.password).toString('base64') } }) } as unknown as Kube
  const pool = new AdminPool({
    kube,
    clock,
    log,
    createAdmin: (options) => {
      if (options.connection.sasl !== undefined) files.push(options.connection.sasl.passwordFile)
      return kafka.createAdmin(options)
    },
  })
  pools.push(pool)
  return { pool, kafka, clock, secrets, files }
}

const pools: AdminPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})
const ask = (pool: AdminPool, target = login) => pool.use(target, (admin) => admin.readTopic('readings'))

test('one connection serves all who name the same one, and is closed when nobody has asked for two minutes', async () => {
  const { pool, kafka, clock } = openPool('p')
  await Promise.all([ask(pool), ask(pool), ask(pool, plain)])
  expect(kafka.open).toBe(2)
  clock.advance(119_000)
  await ask(pool, plain)
  clock.advance(1_000)
  await pool.closeIdle()
  expect(kafka.open).toBe(1)
})

test('the password lies in a file that nobody else can read, and goes with the connection', async () => {
  const { pool, files } = openPool('hunter2')
  await ask(pool)
  expect([readFileSync(files[0]!, 'utf8'), statSync(files[0]!).mode & 0o777]).toEqual(['hunter2', 0o600])
  await pool.close()
  expect(existsSync(files[0]!)).toBe(false)
})

test('a rotated password is taken up within a minute', async () => {
  const { pool, kafka, clock, secrets, files } = openPool('old')
  await ask(pool)
  secrets.password = 'new'
  kafka.password = 'new'
  clock.advance(60_000)
  await ask(pool)
  expect([files.length, kafka.open]).toEqual([2, 1])
})

test('a wrong password is an error each time, and the right one is taken up at once', async () => {
  const { pool, kafka, secrets } = openPool('wrong')
  kafka.password = 'right'
  await expect(ask(pool)).rejects.toMatchObject({ code: 'KAFKA_ACCESS_DENIED' })
  await expect(ask(pool)).rejects.toMatchObject({ code: 'KAFKA_ACCESS_DENIED' })
  secrets.password = 'right'
  await ask(pool)
  expect(kafka.open).toBe(1)
})

test('a cluster that went away is connected to anew', async () => {
  const { pool, kafka } = openPool('p')
  await ask(pool)
  kafka.isDown = true
  await expect(ask(pool)).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' })
  expect(kafka.open).toBe(0)
  kafka.isDown = false
  await ask(pool)
  expect(kafka.open).toBe(1)
})
