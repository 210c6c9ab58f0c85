import { Counter, type Registry } from '@tidewatch/kit'

/** Told of each answer; `code` is the HTTP status, or `<error>` where there was none. */
export type CountRequest = (request: { code: string; method: string }) => void

const counters = new WeakMap<Registry, Counter<'code' | 'method'>>()

/** `rest_client_requests_total{code,method}`, the name that client-go gave it, so that its dashboards work. */
export function createRequestCounter(registry: Registry): CountRequest {
  const counter =
    counters.get(registry) ??
    new Counter({ name: 'rest_client_requests_total', help: 'Requests to the API server by HTTP status and method.', labelNames: ['code', 'method'], registers: [registry] })
  counters.set(registry, counter)
  return (labels) => counter.inc(labels)
}
