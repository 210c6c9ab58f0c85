/**
 * A child process that behaves like a detector without Kafka: serves probes and metrics, logs, ends on SIGTERM.
 * FAKE_FAILS makes it end with an error at once; FAKE_DEAF makes it ignore SIGTERM; FAKE_THREAD gives it a second thread, as a network does.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Worker } from 'node:worker_threads'

const log = (entry: object) => process.stdout.write(`${JSON.stringify(entry)}\n`)

if (process.env['FAKE_FAILS'] !== undefined) {
  log({ level: 'fatal', msg: process.env['FAKE_FAILS'] })
  process.exit(1)
}
if (process.env['FAKE_THREAD'] !== undefined) await once(new Worker(new URL('data:text/javascript,setTimeout(() => {}, 200)')), 'exit')
const server = createServer((request, response) => {
  response.end(request.url === '/metrics' ? `readings_total 7\nconfigured{name="${process.env['TIDEWATCH_PORT'] ?? ''}"} 1\n` : 'ok')
})
server.listen(0, '127.0.0.1', () => log({ level: 'info', msg: 'Serving metrics and probes', port: (server.address() as { port: number }).port }))
process.on('SIGTERM', () => {
  if (process.env['FAKE_DEAF'] === undefined) process.exit(0)
})
