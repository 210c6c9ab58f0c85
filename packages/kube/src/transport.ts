import type { Readable } from 'node:stream'
import type { Logger } from '@tidewatch/kit'
import { buildQuery, type Query } from './address.ts'
import { classify, classifyResponse } from './classify.ts'
import { KubeUnreachable } from './errors.ts'
import type { KubeConfig } from './kube-config.ts'
import type { CountRequest } from './rest-metrics.ts'

export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Query
  /** Sent as JSON. */
  body?: unknown
  contentType?: string
  /** For messages: `apply Deployment plant/hvac`. */
  attempt: string
  signal?: AbortSignal | undefined
}

export interface Answer {
  statusCode: number
  retryAfter: string | undefined
  text: string
}

export interface TransportOptions {
  kubeConfig: KubeConfig
  log?: Logger | undefined
  /** How long one request may take, from the first byte sent to the last byte read; for a watch: until it begins. */
  requestTimeoutMs: number
  countRequest?: CountRequest | undefined
  userAgent: string
}

type Opened = { statusCode: number; retryAfter: string | undefined; body: Readable }

/** One HTTP request at a time: credentials, time limits, the second try after a 401, and the counting of answers. */
export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  /** The whole answer, a success or not. @throws KubeUnreachable where there was none, Unauthorized where there are no credentials */
  async ask(request: Request): Promise<Answer> {
    const { requestTimeoutMs } = this.#options
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${requestTimeoutMs / 1_000} s`)), requestTimeoutMs)
    const signal = request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal])
    try {
      const { statusCode, retryAfter, body } = await this.#open(request, signal)
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk as Uint8Array)
      return { statusCode, retryAfter, text: Buffer.concat(chunks).toString('utf8') }
    } catch (error) {
      throw classify(request.attempt, signal.aborted ? signal.reason : error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** The answer's JSON. @throws what `classifyResponse` makes of an answer that is not a success */
  async askForJson(request: Request): Promise<unknown> {
    const { statusCode, retryAfter, text } = await this.ask(request)
    if (statusCode >= 300) throw classifyResponse({ attempt: request.attempt, statusCode, body: text, retryAfter })
    return parseJson(request.attempt, text)
  }

  /** The body as it arrives, however long that takes. The caller reads it to its end or aborts. */
  async openStream(request: Request & { signal: AbortSignal }): Promise<AsyncIterable<Uint8Array>> {
    const { requestTimeoutMs } = this.#options
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${requestTimeoutMs / 1_000} s`)), requestTimeoutMs)
    const signal = AbortSignal.any([limit.signal, request.signal])
    try {
      const { statusCode, retryAfter, body } = await this.#open(request, signal)
      if (statusCode < 300) return body
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk as Uint8Array)
      throw classifyResponse({ attempt: request.attempt, statusCode, retryAfter, body: Buffer.concat(chunks).toString('utf8') })
    } catch (error) {
      throw classify(request.attempt, limit.signal.aborted ? limit.signal.reason : error)
    } finally {
      // From here on the stream may be silent for as long as it likes: whoever reads it has a watchdog.
      clearTimeout(timer)
    }
  }

  /** A rotated token that was kept a little too long is refused once: then it is read anew. */
  async #open(request: Request, signal: AbortSignal): Promise<Opened> {
    const first = await this.#send(request, signal)
    if (first.statusCode !== 401) return first
    this.#options.log?.info({ method: request.method, path: request.path }, 'Renewed the credentials of the API server')
    await drain(first.body)
    this.#options.kubeConfig.renew()
    return this.#send(request, signal)
  }

  async #send({ method, path, query = {}, body, contentType = 'application/json' }: Request, signal: AbortSignal): Promise<Opened> {
    const { kubeConfig, countRequest, userAgent } = this.#options
    let code = '<error>'
    try {
      const { headers, dispatcher } = await kubeConfig.authenticate()
      signal.throwIfAborted()
      // A path of the server's own (Rancher, a proxy) comes before ours.
      const { origin, pathname } = new URL(kubeConfig.server)
      const answer = await dispatcher.request({
        origin,
        path: `${pathname.replace(/\/+$/, '')}${path}${buildQuery(query)}`,
        method,
        headers: { ...headers, accept: 'application/json', 'user-agent': userAgent, ...(body === undefined ? {} : { 'content-type': contentType }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
        // Our own limits above count in their place; undici's would end a quiet watch.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      code = String(answer.statusCode)
      return { statusCode: answer.statusCode, retryAfter: firstOf(answer.headers['retry-after']), body: answer.body }
    } finally {
      countRequest?.({ code, method })
    }
  }
}

const firstOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)

async function drain(body: Readable): Promise<void> {
  for await (const _ of body);
}

function parseJson(attempt: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new KubeUnreachable(`Failed to ${attempt}: the answer is no JSON, so it is not the API server's: "${text.slice(0, 200)}"`, { cause: error })
  }
}
