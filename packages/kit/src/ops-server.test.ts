import { expect, test } from 'vitest'
import { createRegistry } from './metrics.ts'
import { startOpsServer } from './ops-server.ts'

const healthy = { registry: createRegistry(), liveness: () => undefined, readiness: () => undefined, host: '127.0.0.1' }

test('probes answer 200 or 503 with the reason, metrics are served, anything else is 404', async () => {
  const server = await startOpsServer({ ...healthy, port: 0, readiness: () => 'no partition is assigned yet' })
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return [response.status, (await response.text()).slice(0, 60)]
  }
  expect(await ask('/healthz')).toEqual([200, 'ok'])
  expect(await ask('/readyz')).toEqual([503, 'no partition is assigned yet'])
  expect((await ask('/metrics'))[0]).toBe(200)
  expect(await ask('/other')).toEqual([404, 'only /healthz, /readyz and /metrics are served here'])
  await server.close()
})

test('routes answer for paths of their own, the first that knows one', async () => {
  const routes = [
    (path: string) => (path === '/lag' ? { status: 503, type: 'application/json', body: '{}' } : undefined),
    (path: string) => (path.startsWith('/l') ? { status: 200, type: 'text/plain', body: path } : undefined),
    () => undefined,
  ]
  const server = await startOpsServer({ ...healthy, port: 0, routes })
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return [response.status, response.headers.get('content-type'), await response.text()]
  }
  expect(await ask('/lag?x=1')).toEqual([503, 'application/json', '{}'])
  expect(await ask('/load')).toEqual([200, 'text/plain', '/load'])
  expect(await ask('/healthz')).toEqual([200, 'text/plain; charset=utf-8', 'ok'])
  expect((await ask('/other'))[0]).toBe(404)
  await server.close()
})

test('a port in use is one sentence', async () => {
  const first = await startOpsServer({ ...healthy, port: 0 })
  await expect(startOpsServer({ ...healthy, port: first.port })).rejects.toThrow(
    `Port ${first.port} is in use by another process: stop it, or choose another port for /metrics and the probes`,
  )
  await first.close()
})
