import { X509Certificate } from 'node:crypto'
import { Gauge, messageOf, type Clock, type Logger, type Registry } from '@tidewatch/kit'
import type { Kube } from '@tidewatch/kube'
import { ensureApiService, type MetricsSlot } from './api-service.ts'
import { createAuthenticator } from './authenticator.ts'
import { createAuthorizer } from './authorizer.ts'
import { ensureCertificates } from './certificates.ts'
import { createInstallationOwner } from './installation-owner.ts'
import { startExternalMetricsApi, type ExternalMetricsApi, type TlsMaterial } from './external-metrics-api.ts'
import { readRequestHeaderConfig } from './request-header.ts'
import type { LagReader } from './watcher.ts'

export interface LagMetricsOptions {
  kube: Kube
  lag: LagReader
  clock: Clock
  log: Logger
  /** Where the operator runs. */
  namespace: string
  serviceName: string
  /** The port listened on. */
  port: number
  host?: string
  /** The Service's port in front of it. Default 443. */
  servicePort?: number
  /** The installation's ClusterRole, which APIService and certificate go with; undefined: they stay. */
  clusterRole?: string | undefined
  registry?: Registry | undefined
  /** Only the leader writes the APIService. */
  isLeader: () => boolean
  /** Between two looks at certificates, at the aggregator's authority and at the slot. Default 30 s. */
  intervalMs?: number
}

export interface LagMetrics {
  /** Undefined before the first look. */
  slot(): MetricsSlot | undefined
  /** The port listened on; undefined before the server runs. */
  port(): number | undefined
  /** Starts the server and keeps everything around it up to date until the signal aborts; then it is closed. */
  run(signal: AbortSignal): Promise<void>
  /** One round of the above. @throws the errors of packages/kube, PortInUse */
  refresh(): Promise<void>
}

/** Everything that answering the HPA needs, kept up to date: certificates, the aggregator's authority, the server, the slot. */
export function createLagMetrics(options: LagMetricsOptions): LagMetrics {
  const { kube, lag, clock, log, namespace, serviceName, port, host, servicePort = 443, clusterRole, registry, isLeader, intervalMs = 30_000 } = options
  const owner = createInstallationOwner({ kube, clusterRole, log })
  const expiry = registry === undefined ? undefined : createExpiryGauge(registry)
  const authenticate = createAuthenticator({ kube, clock })
  const authorize = createAuthorizer({ kube, clock })
  let server: ExternalMetricsApi | undefined
  let shown = ''
  let slot: MetricsSlot | undefined

  const refresh = async (): Promise<void> => {
    const certificates = await ensureCertificates({ kube, namespace, serviceName, owner, clock, log })
    expiry?.set(new X509Certificate(certificates.certificate).validToDate.getTime() / 1_000)
    const requestHeader = await readRequestHeaderConfig(kube)
    const material: TlsMaterial = { certificates, requestHeader }
    const now = JSON.stringify([certificates.certificate, requestHeader])
    if (server === undefined) {
      server = await startExternalMetricsApi({ port, ...(host === undefined ? {} : { host }), material, lag, authenticate, authorize, readiness: () => undefined, log })
      log.info({ port: server.port }, 'Serving external metrics')
    } else if (now !== shown) {
      server.renew(material)
      log.info('Took up new certificates')
    }
    shown = now
    // Last, so that the API server never is sent to a server that is not there yet.
    slot = await ensureApiService({ kube, target: { namespace, serviceName, servicePort, caBundle: certificates.caBundle }, owner, mayWrite: isLeader(), log })
  }

  return {
    slot: () => slot,
    port: () => server?.port,
    refresh,
    async run(signal) {
      while (!signal.aborted) {
        await refresh().catch((error: unknown) => log.warn({ err: error, why: messageOf(error) }, 'Failed to keep external metrics up to date'))
        await clock.sleep(slot?.kind === 'Ours' && slot.available ? intervalMs : Math.min(intervalMs, retryMs), signal)
      }
      await server?.close()
      server = undefined
    },
  }
}

/** When the certificate that the API server sees ends; it is renewed a month before. */
export function createExpiryGauge(registry: Registry): Gauge {
  return new Gauge({ name: 'tidewatch_lag_metrics_certificate_expiry_timestamp_seconds', help: 'When the certificate of external.metrics.k8s.io ends, in seconds since the epoch.', registers: [registry] })
}

/** While the slot is not working yet, it is looked at more often. */
const retryMs = 5_000
