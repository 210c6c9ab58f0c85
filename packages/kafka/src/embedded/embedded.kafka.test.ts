import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@tidewatch/kit'
import { afterEach, expect, test } from 'vitest'
import { createTopicAdmin } from '../admin.ts'
import { assertReachable } from '../connection.ts'
import { startEmbeddedKafka, type EmbeddedKafka } from './index.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const started: EmbeddedKafka[] = []

async function start(options: Parameters<typeof startEmbeddedKafka>[0] = {}): Promise<EmbeddedKafka> {
  const broker = await startEmbeddedKafka(options)
  started.push(broker)
  return broker
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((broker) => broker.stop()))
})

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const connectTo = (broker: EmbeddedKafka) => ({ brokers: broker.brokers, clientId: 'test' })

test('a broker starts, answers, stops, and leaves nothing behind', async () => {
  const broker = await start()
  await assertReachable(connectTo(broker), 1_000)
  const folder = dirname(broker.logFile)
  expect(existsSync(folder)).toBe(true)
  await broker.stop()
  await broker.stop()
  expect(existsSync(folder)).toBe(false)
  expect(isRunning(broker.pid)).toBe(false)
})

test('a data folder of the caller is kept, and what was in it is there again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidewatch-data-'))
  const first = await start({ dataDir })
  const admin = createTopicAdmin({ connection: connectTo(first), log })
  await admin.ensureTopics([{ name: 'kept', partitions: 3 }])
  await admin.close()
  await first.stop()

  const second = await start({ dataDir })
  const again = createTopicAdmin({ connection: connectTo(second), log })
  expect(await again.readPartitionCount('kept')).toBe(3)
  await again.close()
  await second.stop()
  await rm(dataDir, { recursive: true })
})

test('a killed broker comes back at the same address; one that dies by itself is noticed', async () => {
  const broker = await start()
  const { brokers, pid } = broker
  await broker.kill('SIGKILL')
  expect(isRunning(pid)).toBe(false)
  await broker.restart()
  expect(broker.brokers).toBe(brokers)
  await assertReachable(connectTo(broker), 1_000)
  process.kill(broker.pid, 'SIGKILL')
  expect((await broker.died).message).toContain('The embedded Kafka broker ended (SIGKILL)')
})

test('a port in use is named, and so is a line of configuration that Kafka refuses', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(start({ port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(`Port ${port} is in use`),
  })
  server.close()
  await expect(start({ config: { 'num.partitions': 'many' } })).rejects.toMatchObject({
    code: 'BROKER_DIED',
    message: expect.stringContaining('num.partitions'),
  })
})

test('no Java, and an unwritable cache, are one sentence each', async () => {
  const environment = { ...process.env }
  process.env['JAVA_HOME'] = '/nowhere'
  await expect(start()).rejects.toThrow('/nowhere/bin/java cannot be run: install a Java 17 or newer runtime')
  process.env = { ...environment, PATH: '/nowhere', JAVA_HOME: await javaHome() }
  process.env['TIDEWATCH_CACHE_DIR'] = await mkdtemp(join(tmpdir(), 'tidewatch-cache-'))
  await expect(start()).rejects.toThrow('and Maven, which fetches them, is not there: install it')
  await rm(process.env['TIDEWATCH_CACHE_DIR'], { recursive: true })
  process.env = environment
})

/** The home of the java on the PATH, as it says itself. */
async function javaHome(): Promise<string> {
  const java = spawn('java', ['-XshowSettings:properties', '-version'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const chunks: Buffer[] = []
  java.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(java, 'close')
  return /java\.home = (.*)/.exec(Buffer.concat(chunks).toString())![1]!
}

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a broker does not outlive the process that started it (%s)',
  async (signal) => {
    const script = `
    const { startEmbeddedKafka } = await import(${JSON.stringify(fileURLToPath(import.meta.resolve('./index.ts')))})
    const broker = await startEmbeddedKafka()
    console.log(JSON.stringify({ pid: broker.pid, logFile: broker.logFile }))
    setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(parent.stdout, 'data')) as [Buffer]
    const { pid, logFile } = JSON.parse(said.toString()) as { pid: number; logFile: string }
    expect(await readFile(logFile, 'utf8')).toContain('Kafka')
    parent.kill(signal)
    while (isRunning(pid) || existsSync(logFile)) await new Promise((resolve) => setTimeout(resolve, 50))
  },
)

test("two brokers at once do not get in each other's way", async () => {
  const brokers = await Promise.all([start(), start()])
  expect(new Set(brokers.map((broker) => broker.brokers)).size).toBe(2)
  await Promise.all(brokers.map((broker) => assertReachable(connectTo(broker), 2_000)))
})
