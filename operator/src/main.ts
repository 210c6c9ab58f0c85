import { createLogger, createRegistry, messageOf, readEnvironment, Shutdown, startOpsServer, systemClock } from '@tidewatch/kit'
import { createKube, loadKubeConfig } from '@tidewatch/kube'
import { environment } from './config.ts'
import { createOperator } from './operator.ts'
import { Telemetry } from './telemetry/telemetry.ts'

const name = 'tidewatch-operator'

async function main(): Promise<void> {
  const config = readEnvironment(environment, process.env)
  const log = createLogger({ name, level: config.TIDEWATCH_LOG_LEVEL })
  const shutdown = new Shutdown(log)
  shutdown.install()
  const registry = createRegistry()
  const kubeConfig = loadKubeConfig()
  const kube = createKube({ kubeConfig, log, registry })
  shutdown.add('close the connections to the API server', () => kube.close())
  log.info({ server: kubeConfig.server, namespaces: config.TIDEWATCH_WATCH_NAMESPACES, pod: config.TIDEWATCH_POD_NAME }, 'Started operator')

  const operator = createOperator({
    kube,
    identity: config.TIDEWATCH_POD_NAME,
    // Without one more write: another replica is at work by now.
    election: config.TIDEWATCH_LEADER_ELECTION ? { onLost: (err) => {
      log.fatal({ err }, 'Lost the lead')
      process.exit(1)
    } } : undefined,
    settings: {
      detectorImage: config.TIDEWATCH_DETECTOR_IMAGE,
      simulatorImage: config.TIDEWATCH_SIMULATOR_IMAGE,
      imagePullPolicy: config.TIDEWATCH_IMAGE_PULL_POLICY,
      networkPolicies: config.TIDEWATCH_NETWORK_POLICIES,
      operatorNamespace: config.TIDEWATCH_NAMESPACE,
      serviceName: config.TIDEWATCH_SERVICE_NAME,
      port: config.TIDEWATCH_PORT,
    },
    createTelemetry: (objects) => new Telemetry({ objects, clock: systemClock }),
    namespaces: config.TIDEWATCH_WATCH_NAMESPACES,
    lagMetricsPort: config.TIDEWATCH_LAG_METRICS_PORT,
    clusterRole: config.TIDEWATCH_CLUSTER_ROLE,
    clock: systemClock,
    log,
    registry,
  })
  const ops = await startOpsServer({ port: config.TIDEWATCH_PORT, registry, routes: operator.routes, liveness: () => undefined, readiness: () => operator.readiness() })
  shutdown.add('close the ops server', () => ops.close())
  log.info({ port: ops.port }, 'Serving metrics and probes')

  const running = operator.run(shutdown.signal)
  // An error is logged below; here it only must not end the way down early.
  shutdown.add('stop the operator', () => running.catch(() => {}))
  await running.then(
    () => shutdown.run(0),
    (error: unknown) => {
      log.fatal({ code: (error as { code?: unknown }).code }, messageOf(error))
      return shutdown.run(1)
    },
  )
}

main().catch((error: unknown) => {
  // One line for people: a stack says nothing about a variable that is missing.
  createLogger({ name }).fatal({ code: (error as { code?: unknown }).code }, messageOf(error))
  process.exit(1)
})
