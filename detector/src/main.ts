import { assertReachable, createRecordSink, createRecordSource } from '@tidewatch/kafka'
import { createLogger, createRegistry, messageOf, readEnvironment, Shutdown, startOpsServer, systemClock } from '@tidewatch/kit'
import { environment, readConfigFile } from './config.ts'
import { DetectorMetrics } from './metrics.ts'
import { Runner } from './runner.ts'

/** A source that has heard nothing for so long cannot tell silence of the devices from its own. */
const aliveWithinMs = 10_000

const name = 'tidewatch-detector'

async function main(): Promise<void> {
  const settings = readEnvironment(environment, process.env)
  const log = createLogger({ name, level: settings.TIDEWATCH_LOG_LEVEL })
  const shutdown = new Shutdown(log)
  shutdown.install()
  const config = readConfigFile(settings.TIDEWATCH_CONFIG_FILE)
  const connection = { brokers: settings.TIDEWATCH_KAFKA_BROKERS, clientId: `${name}-${config.pipeline.name}` }
  log.info({ pipeline: config.pipeline, topic: config.topic, groupId: config.groupId, model: config.model.kind, window: config.window }, 'Started detector')

  const registry = createRegistry()
  const metrics = new DetectorMetrics(registry, config.topic)
  const sessionTimeoutMs = settings.TIDEWATCH_SESSION_TIMEOUT_MS
  const source = createRecordSource({ connection, log, groupId: config.groupId, topic: config.topic, aliveWithinMs, sessionTimeoutMs })
  const sink = createRecordSink({ connection, log })
  shutdown.add('close the sink', () => sink.close())
  const runner = new Runner({ config, source, sink, metrics, clock: systemClock, log })

  const ops = await startOpsServer({
    port: settings.TIDEWATCH_PORT,
    registry,
    liveness: () => (runner.isAlive() ? undefined : 'nothing was heard of Kafka for a minute'),
    readiness: () => (runner.hasAssignment ? undefined : 'the consumer group has not told yet which partitions are ours'),
  })
  shutdown.add('close the ops server', () => ops.close())
  log.info({ port: ops.port }, 'Serving metrics and probes')

  await assertReachable(connection)
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
