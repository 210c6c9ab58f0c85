import type { Logger, Registry } from '@tidewatch/kit'
import { buildPath } from './address.ts'
import { classify, classifyResponse, classifyStatus, isObjectMissing } from './classify.ts'
import { parseJsonLines } from './json-lines.ts'
import type { KubeConfig } from './kube-config.ts'
import type { ApplyOptions, DeleteOptions, Kube, ListOptions, ListPage, WatchEvent, WatchOptions } from './kube.ts'
import { keyOf, type KubeObject, type ObjectName } from './object.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { createRequestCounter } from './rest-metrics.ts'
import { Transport } from './transport.ts'

export interface KubeOptions {
  /** From `loadKubeConfig`. */
  kubeConfig: KubeConfig
  log?: Logger | undefined
  /** How long a request other than a watch may take, in ms. Default 30,000. */
  requestTimeoutMs?: number | undefined
  /** Gets `rest_client_requests_total{code,method}`. */
  registry?: Registry | undefined
  /** Its part before the slash is the field manager of `create` and `update`. Default `tidewatch/0.1.0`. */
  userAgent?: string | undefined
}

export interface KubeClient extends Kube {
  /** Ends all connections at once, those of watches too. */
  close(): Promise<void>
}

interface List {
  kind?: string
  metadata?: { resourceVersion?: string; continue?: string }
  items?: KubeObject[] | null
}

interface ApiGroup {
  versions?: { version: string }[]
  preferredVersion?: { version: string }
}

/** Kubernetes over the wire: JSON in, JSON out, with nothing dropped and nothing converted. */
export function createKube({ kubeConfig, log, requestTimeoutMs = 30_000, registry, userAgent = 'tidewatch/0.1.0' }: KubeOptions): KubeClient {
  const countRequest = registry === undefined ? undefined : createRequestCounter(registry)
  return new WireKube(new Transport({ kubeConfig, log, requestTimeoutMs, countRequest, userAgent }), kubeConfig)
}

class WireKube implements KubeClient {
  readonly #transport: Transport
  readonly #kubeConfig: KubeConfig

  constructor(transport: Transport, kubeConfig: KubeConfig) {
    this.#transport = transport
    this.#kubeConfig = kubeConfig
  }

  async read(resource: Resource, name: ObjectName): Promise<KubeObject | undefined> {
    const attempt = `read ${resource.kind} ${keyOf(name)}`
    const { statusCode, text, retryAfter } = await this.#transport.ask({ method: 'GET', path: buildPath(resource, name), attempt })
    if (isObjectMissing(statusCode, text)) return undefined
    return parseObject(attempt, statusCode, text, retryAfter)
  }

  async list(resource: Resource, { namespace, continueToken, resourceVersion, signal, ...query }: ListOptions = {}): Promise<ListPage> {
    const list = (await this.#transport.askForJson({
      method: 'GET',
      path: buildPath(resource, { namespace }),
      // A continue token carries its own version: the server refuses both together.
      query: { ...query, continue: continueToken, resourceVersion: continueToken === undefined ? resourceVersion : undefined },
      attempt: `list ${resource.plural}${namespace === undefined ? '' : ` of ${namespace}`}`,
      signal,
    })) as List
    // The items of a list of a built-in kind carry neither.
    const typed = { apiVersion: apiVersionOf(resource), kind: resource.kind }
    const items = (list.items ?? []).map((item) => ({ ...typed, ...item }))
    return { items, resourceVersion: list.metadata?.resourceVersion ?? '', continueToken: list.metadata?.continue === '' ? undefined : list.metadata?.continue }
  }

  async *watch(resource: Resource, { namespace, signal, ...query }: WatchOptions): AsyncGenerator<WatchEvent, void, undefined> {
    const attempt = `watch ${resource.plural}${namespace === undefined ? '' : ` of ${namespace}`}`
    // Whoever stops iterating early lets go of the connection too.
    const left = new AbortController()
    const either = AbortSignal.any([signal, left.signal])
    try {
      const stream = await this.#transport.openStream({
        method: 'GET',
        path: buildPath(resource, { namespace }),
        query: { ...query, watch: true, allowWatchBookmarks: true },
        attempt,
        signal: either,
      })
      for await (const line of parseJsonLines(stream)) yield parseWatchEvent(attempt, line)
    } catch (error) {
      if (!signal.aborted) throw classify(attempt, error)
    } finally {
      left.abort()
    }
  }

  apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#apply(resource, object, options)
  }

  applyStatus(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#apply(resource, object, options, 'status')
  }

  create(resource: Resource, object: KubeObject): Promise<KubeObject> {
    return this.#write(resource, object, 'POST', 'create', { namespace: object.metadata.namespace })
  }

  update(resource: Resource, object: KubeObject): Promise<KubeObject> {
    return this.#write(resource, object, 'PUT', 'update', object.metadata)
  }

  async delete(resource: Resource, name: ObjectName, { uid, resourceVersion, propagationPolicy = 'Background' }: DeleteOptions = {}): Promise<boolean> {
    const attempt = `delete ${resource.kind} ${keyOf(name)}`
    const preconditions = uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, ...preconditions }
    const { statusCode, text, retryAfter } = await this.#transport.ask({ method: 'DELETE', path: buildPath(resource, name), body, attempt })
    if (isObjectMissing(statusCode, text)) return false
    if (statusCode >= 300) throw classifyResponse({ attempt, statusCode, body: text, retryAfter })
    return true
  }

  async listVersions(group: string): Promise<string[]> {
    const attempt = `list the versions of ${group === '' ? 'the core group' : group}`
    if (group === '') return ((await this.#transport.askForJson({ method: 'GET', path: '/api', attempt })) as { versions?: string[] }).versions ?? []
    const { statusCode, text, retryAfter } = await this.#transport.ask({ method: 'GET', path: `/apis/${encodeURIComponent(group)}`, attempt })
    if (statusCode === 404) return []
    const { versions = [], preferredVersion } = parseObject(attempt, statusCode, text, retryAfter) as unknown as ApiGroup
    const names = versions.map(({ version }) => version)
    return preferredVersion === undefined ? names : [preferredVersion.version, ...names.filter((name) => name !== preferredVersion.version)]
  }

  close(): Promise<void> {
    return this.#kubeConfig.close()
  }

  async #apply(resource: Resource, object: KubeObject, { fieldManager, force, dryRun }: ApplyOptions, subresource?: 'status'): Promise<KubeObject> {
    return (await this.#transport.askForJson({
      method: 'PATCH',
      path: buildPath(resource, object.metadata, subresource),
      query: { fieldManager, force, dryRun: dryRun === true ? 'All' : undefined },
      // YAML by name: JSON is YAML. Any other type would be another kind of patch.
      contentType: 'application/apply-patch+yaml',
      body: object,
      attempt: `apply ${subresource === undefined ? '' : 'the status of '}${resource.kind} ${keyOf(object.metadata)}`,
    })) as KubeObject
  }

  async #write(resource: Resource, object: KubeObject, method: 'POST' | 'PUT', verb: string, target: Partial<ObjectName>): Promise<KubeObject> {
    const attempt = `${verb} ${resource.kind} ${keyOf(object.metadata)}`
    const { namespace, name } = target
    return (await this.#transport.askForJson({ method, path: buildPath(resource, { namespace, ...(name === undefined ? {} : { name }) }), body: object, attempt })) as KubeObject
  }
}

function parseObject(attempt: string, statusCode: number, text: string, retryAfter: string | undefined): KubeObject {
  if (statusCode >= 300) throw classifyResponse({ attempt, statusCode, body: text, retryAfter })
  try {
    return JSON.parse(text) as KubeObject
  } catch (error) {
    throw classify(attempt, error)
  }
}

function parseWatchEvent(attempt: string, line: unknown): WatchEvent {
  const { type, object } = line as { type?: string; object?: KubeObject }
  if (type === 'ERROR') throw classifyStatus(attempt, object ?? {})
  if (object?.metadata === undefined) throw new SyntaxError(`an event of type "${type}" without an object`)
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object }
    case 'BOOKMARK':
      return { type, resourceVersion: object.metadata.resourceVersion ?? '' }
    default:
      throw new SyntaxError(`an event of the unknown type "${type}"`)
  }
}
