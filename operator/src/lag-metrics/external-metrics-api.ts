import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf, messageOf, PortInUse, type Logger, type Probe } from '@tidewatch/kit'
import type { Authenticate } from './authenticator.ts'
import type { Access, Authorize } from './authorizer.ts'
import type { CertificateSet } from './issue-certificates.ts'
import { buildStatus, type Reply } from './replies.ts'
import type { Identity, RequestHeaderConfig } from './request-header.ts'
import { aggregatedDiscoveryType, findRoute, wantsAggregatedDiscovery } from './routes.ts'
import type { LagReader } from './watcher.ts'

/** What the server trusts and shows; replaced while it runs. */
export interface TlsMaterial {
  certificates: Pick<CertificateSet, 'certificate' | 'key'>
  requestHeader: RequestHeaderConfig | undefined
}

export interface ExternalMetricsApi {
  readonly port: number
  /** Takes up new certificates and a new authority of the aggregator without a restart. */
  renew(material: TlsMaterial): void
  close(): Promise<void>
}

export interface ExternalMetricsOptions {
  port: number
  host?: string
  material: TlsMaterial
  lag: LagReader
  authenticate: Authenticate
  authorize: Authorize
  /** For /readyz. */
  readiness: Probe
  log: Logger
}

const healthPaths = ['/healthz', '/livez', '/readyz']
/** Whoever asks more slowly is not the API server. */
const requestTimeoutMs = 10_000
const maxHeaderSize = 64 * 1024

/**
 * Serves `external.metrics.k8s.io/v1beta1` behind the API server's aggregator, over TLS.
 *
 *     HPA -> kube-apiserver -> (its client certificate, the user in headers) -> here -> SubjectAccessReview -> the signal
 *
 * Probes need no identity; everything else needs one, and the right to it.
 *
 * @throws PortInUse
 */
export async function startExternalMetricsApi(options: ExternalMetricsOptions): Promise<ExternalMetricsApi> {
  const { port, host, log } = options
  let { material } = options
  const server = createServer(
    {
      ...buildContext(material),
      // Asked for, not demanded: probes and callers with a token have none. `authorized` tells whether it was good.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      maxHeaderSize,
      requestTimeout: requestTimeoutMs,
    },
    (request, response) => {
      answer(request, options, material.requestHeader)
        .catch((error: unknown) => {
          log.warn({ err: error, path: request.url }, 'Failed to answer a request for metrics')
          return { reply: buildStatus(503, `the operator could not check who asks: ${messageOf(error)}`), type: undefined }
        })
        .then(({ reply, type }) => send(response, reply, type))
        .catch((error: unknown) => response.destroy(error as Error))
    },
  )
  await listen(server, port, host)
  return {
    port: (server.address() as AddressInfo).port,
    renew(next) {
      material = next
      server.setSecureContext(buildContext(next))
      // Connections in use were let in under the old authority; the next request has to come through the new one.
      server.closeIdleConnections()
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

function buildContext({ certificates, requestHeader }: TlsMaterial) {
  // With an empty list nobody is believed; left out, it would be everybody whom the system trusts.
  return { cert: certificates.certificate, key: certificates.key, ca: requestHeader === undefined ? [] : [requestHeader.clientCa] }
}

async function answer(request: IncomingMessage, options: ExternalMetricsOptions, requestHeader: RequestHeaderConfig | undefined): Promise<{ reply: Reply; type: string | undefined }> {
  const plain = (reply: Reply) => ({ reply, type: undefined })
  const url = parseUrl(request.url)
  if (url === undefined) return plain(buildStatus(400, 'the address cannot be read'))
  if (healthPaths.includes(url.pathname)) {
    const problem = url.pathname === '/readyz' ? options.readiness() : undefined
    return { reply: { status: problem === undefined ? 200 : 503, body: problem ?? 'ok' }, type: 'text/plain; charset=utf-8' }
  }
  const identity = await options.authenticate(request, requestHeader)
  if (identity === undefined) return plain(buildStatus(401, 'Unauthorized: neither a certificate of the API server\'s aggregator nor a valid bearer token came with the request'))
  const accept = request.headers.accept ?? ''
  const route = findRoute(url, accept, options.lag)
  const access: Access = route?.access ?? { kind: 'Path', verb: (request.method ?? 'get').toLowerCase(), path: url.pathname }
  const { allowed, reason } = await options.authorize(identity, access)
  if (!allowed) return plain(buildStatus(403, describeRefusal(identity, access, reason)))
  if (route === undefined) return plain(buildStatus(404, `nothing is served at ${url.pathname}`))
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(buildStatus(405, 'metrics can only be read'))
  return { reply: route.reply(), type: wantsAggregatedDiscovery(url.pathname, accept) ? aggregatedDiscoveryType : undefined }
}

function describeRefusal({ username }: Identity, access: Access, reason: string): string {
  const what =
    access.kind === 'Metric'
      ? `cannot ${access.verb} resource "${access.metric}" in API group "${access.group}" in the namespace "${access.namespace}"`
      : `cannot ${access.verb} path "${access.path}"`
  return `User "${username}" ${what}${reason === '' ? '' : `: ${reason}`}`
}

function parseUrl(text = '/'): URL | undefined {
  return URL.canParse(text, 'https://localhost') ? new URL(text, 'https://localhost') : undefined
}

function send(response: ServerResponse, { status, body }: Reply, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (codeOf(error) !== 'EADDRINUSE') return reject(error)
      reject(new PortInUse(`Port ${port} is in use by another process: stop it, or set TIDEWATCH_LAG_METRICS_PORT to another port`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}
