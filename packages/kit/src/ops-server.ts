import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { codeOf, defineError } from './errors.ts'

export const PortInUse = defineError('PORT_IN_USE', { retry: 'never' })

export interface OpsServer {
  /** The port that is really listened on (the one asked for, or a free one where 0 was asked for). */
  readonly port: number
  close(): Promise<void>
}

/** The answer of a probe: undefined when all is well, else one sentence that says what is not. */
export type Probe = () => string | undefined

/** The answer to a GET on a path of somebody else's; undefined: not mine. */
export type OpsRoute = (path: string) => { status: number; type: string; body: string } | undefined

/**
 * Serves `/healthz`, `/readyz` and `/metrics` (Prometheus text), as Kubernetes probes and scrapers expect, and what
 * `routes` answer.
 *
 * @throws PortInUse when another process listens on the port already.
 */
export async function startOpsServer(options: {
  port: number
  host?: string
  registry: Registry
  liveness: Probe
  readiness: Probe
  /** Asked in order, for paths that are not served here already. Default: none. */
  routes?: readonly OpsRoute[]
}): Promise<OpsServer> {
  const { port, host, registry, liveness, readiness, routes = [] } = options
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8') => {
      response.writeHead(status, { 'content-type': type })
      response.end(body)
    }
    const probe = (check: Probe) => {
      const problem = check()
      answer(problem === undefined ? 200 : 503, problem ?? 'ok')
    }
    const path = request.url?.split('?')[0] ?? '/'
    switch (path) {
      case '/healthz':
        return probe(liveness)
      case '/readyz':
        return probe(readiness)
      case '/metrics':
        registry.metrics().then(
          (text) => answer(200, text, registry.contentType),
          (error: unknown) => answer(500, String(error)),
        )
        return
    }
    for (const route of routes) {
      const found = route(path)
      if (found !== undefined) return answer(found.status, found.body, found.type)
    }
    answer(404, 'only /healthz, /readyz and /metrics are served here')
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      if (codeOf(error) !== 'EADDRINUSE') return reject(error)
      reject(
        new PortInUse(`Port ${port} is in use by another process: stop it, or choose another port for /metrics and the probes`, {
          cause: error,
        }),
      )
    })
    server.listen(port, host, resolve)
  })

  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        // Scrapers keep connections open; close() alone would wait for them.
        server.closeAllConnections()
      }),
  }
}
