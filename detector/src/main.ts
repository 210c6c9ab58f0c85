import { assertReachable, connectionFromEnvironment, createPartitionReader, createRecordSink, createRecordSource, createTopicAdmin, createTransactionalSink, TopicMissing } from '@tidewatch/kafka'
import { createLogger, createRegistry, messageOf, readEnvironment, Shutdown, startOpsServer, systemClock } from '@tidewatch/kit'
import { environment, readConfigFile } from './config.ts'
import { AtLeastOnce } from './delivery/at-least-once.ts'
import { ExactlyOnce } from './delivery/exactly-once.ts'
import { raiseStatePartitions } from './delivery/growth-watch.ts'
import { DetectorMetrics } from './metrics.ts'
import { watchForPauses } from './pause-watch.ts'
import { Runner } from './runner.ts'
import { KafkaCheckpointStore } from './state/checkpoint-store.ts'

/** A source that has heard nothing for so long cannot tell silence of the devices from its own. */
const aliveWithinMs = 10_000

const name = 'tidewatch-detector'

async function main(): Promise<void> {
  const settings = readEnvironment(environment, process.env)
  const log = createLogger({ name, level: settings.TIDEWATCH_LOG_LEVEL })
  const shutdown = new Shutdown(log)
  shutdown.install()
  const config = readConfigFile(settings.TIDEWATCH_CONFIG_FILE)
  const connection = connectionFromEnvironment(settings, `${name}-${config.pipeline.name}`)
  log.info({ pipeline: config.pipeline, topic: config.topic, groupId: config.groupId, model: config.model.kind, window: config.window, delivery: config.delivery }, 'Started detector')

  const registry = createRegistry()
  const metrics = new DetectorMetrics(registry, config.topic)
  const sessionTimeoutMs = settings.TIDEWATCH_SESSION_TIMEOUT_MS
  const instanceId = settings.TIDEWATCH_INSTANCE_ID
  const source = createRecordSource({ connection, log, groupId: config.groupId, topic: config.topic, aliveWithinMs, sessionTimeoutMs, ...(instanceId !== undefined && { instanceId }) })
  const common = { config, source, metrics, clock: systemClock, log }
  const admin = createTopicAdmin({ connection, log })
  shutdown.add('close the admin client', () => admin.close())
  const delivery =
    config.delivery === 'ExactlyOnce'
      ? new ExactlyOnce({ ...common, admin, createSink: (transactionalId) => createTransactionalSink({ connection, log, transactionalId }) })
      : new AtLeastOnce({ ...common, admin, sink: createRecordSink({ connection, log }) })
  const store = new KafkaCheckpointStore({
    topic: config.checkpoint.topic,
    sink: createRecordSink({ connection, log, compression: 'zstd' }),
    reader: createPartitionReader({ connection, log }),
  })
  const raiseState = (partitions: number) => raiseStatePartitions(admin, config.checkpoint.topic, partitions, log)
  const runner = new Runner({ ...common, delivery, store, raiseState, otherVersions: settings.TIDEWATCH_OTHER_CHECKPOINTS })

  const ops = await startOpsServer({
    port: settings.TIDEWATCH_PORT,
    registry,
    liveness: () => (runner.isAlive() ? undefined : 'nothing was heard of Kafka for a minute'),
    readiness: () => (runner.hasAssignment ? undefined : 'the consumer group has not told yet which partitions are ours'),
  })
  shutdown.add('close the ops server', () => ops.close())
  log.info({ port: ops.port }, 'Serving metrics and probes')

  await assertReachable(connection)
  if ((await admin.readPartitionCount(config.checkpoint.topic)) === undefined) {
    throw new TopicMissing(`There is no topic ${config.checkpoint.topic} for checkpoints: create it with cleanup.policy=compact and as many partitions as ${config.topic}, or correct the name`)
  }
  // Others have our partitions by then. What we still hold is fenced and comes to nothing; a new process begins in order.
  const stopWatching = watchForPauses(sessionTimeoutMs, (pausedMs) => {
    log.error({ pausedMs, sessionTimeoutMs }, 'Stood still for longer than the group waits for a member')
    void shutdown.run(1)
  })
  shutdown.add('stop watching for pauses', stopWatching)
  const running = runner.run(shutdown.signal)
  // An error was logged where it was caught; here it only must not end the way down early.
  shutdown.add('stop the runner', () => running.catch(() => {}))

  await running.then(
    () => shutdown.run(0),
    () => shutdown.run(1),
  )
}

main().catch((error: unknown) => {
  // One line for people: a stack says nothing about a file that is missing.
  createLogger({ name }).fatal({ code: (error as { code?: unknown }).code }, messageOf(error))
  process.exit(1)
})
