import { interruptedSimulatorExitCode } from '@tidewatch/api'
import { assertReachable, connectionFromEnvironment, createRecordSink } from '@tidewatch/kafka'
import { codeOf, createLogger, createRegistry, messageOf, readEnvironment, Shutdown, startOpsServer } from '@tidewatch/kit'
import { environmentSchema, readSimulatorConfig } from './config.ts'
import { createSimulatorMetrics } from './metrics.ts'
import { writeReport } from './report.ts'
import { runSimulation, type SimulationReport } from './runner.ts'

const name = 'tidewatch-simulator'

/** What Kafka has not taken by then it will not take soon; whoever waits for this process should not. */
const shutdownTimeoutMs = 10_000

async function main(): Promise<void> {
  const settings = readEnvironment(environmentSchema, process.env)
  const log = createLogger({ name, level: settings.TIDEWATCH_LOG_LEVEL })
  let isComplete = false
  // Also where the way down failed, as without Kafka: a pod that was told to stop has not failed.
  const shutdown = new Shutdown(log, (code) => process.exit((code === 0 || shutdown.isTold) && !isComplete ? interruptedSimulatorExitCode : code), shutdownTimeoutMs)
  shutdown.install()
  const config = readSimulatorConfig(settings.TIDEWATCH_CONFIG_FILE)
  const shard = settings.TIDEWATCH_SHARD
  const { fleet, topic, acks, compression } = config
  const connection = connectionFromEnvironment(settings, `${name}-${fleet.name}-${shard}`)

  let report: SimulationReport = { sent: 0, sendErrors: 0, injected: {}, achievedRate: 0, durationMs: 0, skippedRows: 0 }
  // Added first, so it comes last: whoever reads the report finds everything in it that was acknowledged.
  shutdown.add('write the report', () => {
    log.info(report, 'Ended sending')
    if (settings.TIDEWATCH_REPORT_FILE !== undefined) writeReport(settings.TIDEWATCH_REPORT_FILE, report, log)
  })

  const registry = createRegistry()
  const updateMetrics = createSimulatorMetrics(registry)
  let hasBegun = false
  const ops = await startOpsServer({
    port: settings.TIDEWATCH_PORT,
    registry,
    liveness: () => undefined,
    readiness: () => (hasBegun ? undefined : 'nothing was sent yet'),
  })
  shutdown.add('close the ops server', () => ops.close())
  log.info({ port: ops.port }, 'Serving metrics and probes')

  await assertReachable(connection)
  const sink = createRecordSink({ connection, log, compression, acks: acks === 'all' ? 'all' : acks === '1' ? 1 : 0 })
  shutdown.add('close the sink', () => sink.close())

  const running = runSimulation({
    config,
    shard,
    sink,
    log,
    signal: shutdown.signal,
    onProgress: (progress) => {
      hasBegun = true
      const { activeDevices: _activeDevices, currentRate: _currentRate, ...soFar } = progress
      report = soFar
      updateMetrics(progress)
    },
  })
  // The end of a run that failed is told below; on the way down it only must not be the second error.
  shutdown.add('end sending', () => running.then(() => {}, () => {}))
  log.info({ fleet, shard, topic }, 'Started sending')

  await running.then(
    () => {
      isComplete = !shutdown.signal.aborted
      return shutdown.run(0)
    },
    (error: unknown) => {
      log.fatal({ code: codeOf(error) }, messageOf(error))
      report = { ...report, error: messageOf(error) }
      return shutdown.run(1)
    },
  )
}

main().catch((error: unknown) => {
  // One line for people: a stack says nothing about a file that is missing.
  createLogger({ name }).fatal({ code: codeOf(error) }, messageOf(error))
  process.exit(1)
})
