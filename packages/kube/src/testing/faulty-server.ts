import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../object.ts'

/** Takes a request over from the server: answers wrongly, late or never. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

/** A watch that is open now. */
export interface OpenWatch {
  /** As they are, also half a line. */
  write(text: string): void
  /** An orderly end. */
  end(): void
  /** The connection breaks. */
  reset(): void
  /** The other side has gone without a word: nothing arrives any more, and nothing breaks. */
  silence(): void
}

/**
 * A real HTTP server on the loopback that plays the API server for ConfigMaps of `plant`, and fails as it is told to: what
 * the wire does to a client cannot be seen in a fake of the client.
 */
export class FaultyServer {
  /** `GET /api/v1/...` in the order of their arrival, faults included. */
  readonly requests: string[] = []
  readonly watches = new Set<OpenWatch>()
  /** Bearer token that is asked for; undefined: none. */
  token: string | undefined
  readonly #server: Server
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidewatch-faulty-server-'))
  readonly #objects = new Map<string, KubeObject>()
  readonly #events: { version: number; line: string }[] = []
  readonly #faults: { text: string; fault: Fault }[] = []
  readonly #streams = new Set<(line: string) => void>()
  #version = 1
  #oldestVersion = 1

  static async start(): Promise<FaultyServer> {
    const server = new FaultyServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    server.writeToken('first')
    return server
  }

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Of a client whose token lies in the file that `writeToken` writes. */
  get kubeconfig(): string {
    const file = join(this.#folder, 'kubeconfig')
    writeFileSync(file, JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'plant' } }],
      clusters: [{ name: 'test', cluster: { server: this.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(this.#folder, 'token') } } } }],
    }))
    return file
  }

  /** What the client finds the next time that it reads its token. */
  writeToken(token: string): void {
    writeFileSync(join(this.#folder, 'token'), `${token}\n`)
  }

  /** The next request whose line contains the text is the fault's. */
  failNext(text: string, fault: Fault): void {
    this.#faults.push({ text, fault })
  }

  put(name: string, fields: Record<string, unknown> = {}): KubeObject {
    const previous = this.#objects.get(name)
    const version = ++this.#version
    const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'plant', uid: previous?.metadata.uid ?? `uid-${version}`, resourceVersion: String(version) }, ...fields }
    this.#objects.set(name, object)
    this.#tell(previous === undefined ? 'ADDED' : 'MODIFIED', object)
    return object
  }

  remove(name: string): void {
    const object = this.#objects.get(name)
    if (object === undefined) throw new Error(`there is no ConfigMap ${name}`)
    this.#objects.delete(name)
    this.#tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } })
  }

  /** Forgets the past: older versions and page tokens are answered with 410. */
  compact(): void {
    this.#oldestVersion = ++this.#version
    this.#events.length = 0
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #tell(type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`
    this.#events.push({ version: this.#version, line })
    for (const write of this.#streams) write(line)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const line = `${request.method} ${request.url}`
    this.requests.push(line)
    const index = this.#faults.findIndex(({ text }) => line.includes(text))
    if (index >= 0) return this.#faults.splice(index, 1)[0]?.fault(request, response)
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) return sendStatus(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' })
    const url = new URL(request.url ?? '', this.url)
    if (!url.pathname.endsWith('/configmaps')) return sendStatus(response, 404, { reason: 'NotFound', message: 'the server could not find the requested resource', details: {} })
    if (url.searchParams.has('watch')) this.#watch(url.searchParams, response)
    else this.#list(url.searchParams, response)
  }

  #list(params: URLSearchParams, response: ServerResponse): void {
    const limit = Number(params.get('limit') ?? Infinity)
    const [version, from] = (params.get('continue') ?? `${this.#version}:0`).split(':').map(Number) as [number, number]
    if (version < this.#oldestVersion) return sendStatus(response, 410, { reason: 'Expired', message: 'The provided continue parameter is too old' })
    const items = [...this.#objects.values()].slice(from, from + limit)
    const isLast = from + items.length >= this.#objects.size
    sendJson(response, 200, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: String(version), ...(isLast ? {} : { continue: `${version}:${from + items.length}` }) }, items })
  }

  #watch(params: URLSearchParams, response: ServerResponse): void {
    const from = Number(params.get('resourceVersion'))
    if (from < this.#oldestVersion) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${from} (${this.#oldestVersion})` } })}\n`)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    const write = (line: string) => void response.write(line)
    for (const event of this.#events) if (event.version > from) write(event.line)
    const watch: OpenWatch = {
      write,
      end: () => response.end(),
      reset: () => response.destroy(),
      silence: () => void this.#streams.delete(write),
    }
    this.#streams.add(write)
    this.watches.add(watch)
    response.on('close', () => {
      this.#streams.delete(write)
      this.watches.delete(watch)
    })
  }
}

/** A fault that answers with a Kubernetes Status. */
export function answerStatus(code: number, status: { reason: string; message: string }, headers: Record<string, string> = {}): Fault {
  return (_, response) => sendStatus(response, code, status, headers)
}

/** A fault that breaks the connection in the middle of a line. */
export function answerHalfALine(text: string): Fault {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(text, () => response.destroy())
  }
}

/** A fault that never answers: the other side of the connection is gone, and nobody says so. */
export const neverAnswer: Fault = () => undefined

function sendStatus(response: ServerResponse, code: number, status: Record<string, unknown>, headers: Record<string, string> = {}): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status }, headers)
}

function sendJson(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
