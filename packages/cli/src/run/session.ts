import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertReachable, createTopicAdmin, startEmbeddedKafka, type KafkaConnection, type TopicAdmin, type TopicSpec } from '@tidewatch/kafka'
import { createLogger, type AppError, type Logger } from '@tidewatch/kit'
import type { TopicPlan } from '@tidewatch/api'
import type { Settings } from '../commands/settings.ts'
import type { Workplace } from '../process/workers.ts'
import type { Cleanup } from './cleanup.ts'

export interface SessionOptions {
  /** Undefined: an embedded one. */
  brokers: string | undefined
  /** Where logs go for good; in the run folder, which is removed, where undefined. */
  logFolder: string | undefined
  /** Leave the run folder behind. */
  keep: boolean
  settings: Settings
  environment: Record<string, string | undefined>
  cleanup: Cleanup
  say: (text: string) => void
}

/** A broker that answers, and a folder to work in. */
export interface Session {
  place: Workplace
  connection: KafkaConnection
  admin: TopicAdmin
  log: Logger
  runId: string
  /** True where the broker is ours alone, so that nobody else writes to it. */
  ownsBroker: boolean
  brokerDied: Promise<AppError> | undefined
}

const clientId = 'tidewatch-up'

/** Opens a session; everything that it starts is undone by `cleanup`. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { cleanup, say, settings } = options
  const runFolder = mkdtempSync(join(tmpdir(), 'tidewatch-run-'))
  const remove = () => rmSync(runFolder, { recursive: true, force: true })
  // Also when a second Ctrl-C cuts the orderly way down short.
  if (!options.keep) process.once('exit', remove)
  cleanup.add('remove the run folder', () => (options.keep ? say(`Kept ${runFolder}`) : remove()))
  const logFolder = options.logFolder ?? runFolder
  mkdirSync(logFolder, { recursive: true })

  const broker = options.brokers === undefined ? await startBroker(options, logFolder) : { brokers: options.brokers, died: undefined }
  const connection: KafkaConnection = { brokers: broker.brokers, clientId }
  await assertReachable(connection)
  const log = createFileLogger(join(logFolder, 'tidewatch.log'), settings.logLevel)
  const admin = createTopicAdmin({ connection, log })
  cleanup.add('close the connection to Kafka', () => admin.close())
  return {
    place: { brokers: broker.brokers, runFolder, logFolder, logLevel: settings.logLevel, environment: options.environment },
    connection,
    admin,
    log,
    runId: runFolder.slice(-6).toLowerCase(),
    ownsBroker: options.brokers === undefined,
    brokerDied: broker.died,
  }
}

async function startBroker({ settings, cleanup, say, logFolder: keptLogs }: SessionOptions, logFolder: string): Promise<{ brokers: string; died: Promise<AppError> }> {
  const cache = settings.cacheDir ?? join(homedir(), '.cache', 'tidewatch')
  const isCached = existsSync(cache) && readdirSync(cache).some((name) => /^kafka-[\d.]+$/.test(name))
  say(isCached ? 'Starting an embedded Kafka ...' : `Fetching Kafka from Maven Central into ${cache}, once (about 54 MB), then starting it ...`)
  const startedAt = Date.now()
  const kafka = await startEmbeddedKafka(keptLogs === undefined ? {} : { logDir: logFolder })
  cleanup.add('stop the embedded Kafka', () => kafka.stop())
  say(`Kafka answers at ${kafka.brokers} after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`)
  return { brokers: kafka.brokers, died: kafka.died }
}

/** Creates the topics of a run that are missing. */
export async function createTopics({ admin, ownsBroker }: Session, topics: readonly TopicPlan[]): Promise<void> {
  await admin.ensureTopics(
    topics.map(({ name, partitions, replicas, config }): TopicSpec => {
      // One broker can hold one copy only, whatever the manifest wants of a cluster.
      const replicationFactor = ownsBroker ? 1 : replicas
      return { name, partitions, config, ...(replicationFactor === undefined ? {} : { replicationFactor }) }
    }),
  )
}

/** The Kafka client's own log goes to a file: the screen belongs to the run. */
function createFileLogger(file: string, level: string): Logger {
  const stream = createWriteStream(file, { flags: 'a' })
  stream.on('error', () => {})
  return createLogger({ name: 'tidewatch', level, destination: { write: (line: string) => void stream.write(line) } })
}
