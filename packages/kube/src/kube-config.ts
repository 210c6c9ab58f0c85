import { existsSync } from 'node:fs'
import type { AgentOptions, RequestOptions } from 'node:https'
import { messageOf } from '@tidewatch/kit'
import { HttpMethod, KubeConfig as ClientNodeConfig, RequestContext } from '@kubernetes/client-node'
import { Agent, ProxyAgent, type buildConnector, type Dispatcher } from 'undici'
import { KubeConfigInvalid, Unauthorized } from './errors.ts'

/** Where the API server is and how to enter: the only thing that we take from client-node. */
export interface KubeConfig {
  /** `https://10.0.0.1:6443`, without a slash at the end. */
  readonly server: string
  /** Of the current context; inside a pod: the pod's own. */
  readonly namespace: string | undefined
  /** Headers for one request and the connections to send it on. Tokens may rotate: ask for every request. @throws Unauthorized */
  authenticate(): Promise<Credentials>
  /** Forgets tokens that were kept, so that the next `authenticate` reads them anew. */
  renew(): void
  /** Ends all connections at once. */
  close(): Promise<void>
}

export interface Credentials {
  headers: Record<string, string>
  dispatcher: Dispatcher
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 }

/**
 * From a file; without one from the pod's service account, where there is one; else from `KUBECONFIG` or `~/.kube/config`.
 *
 * @throws KubeConfigInvalid
 */
export function loadKubeConfig({ file }: { file?: string | undefined } = {}): KubeConfig {
  const config = new ClientNodeConfig()
  const isInPod = file === undefined && process.env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(serviceAccountToken)
  const source = file ?? (isInPod ? 'the service account of the pod' : 'KUBECONFIG or ~/.kube/config')
  try {
    if (file !== undefined) config.loadFromFile(file)
    else if (isInPod) config.loadFromCluster()
    else config.loadFromDefault()
  } catch (error) {
    throw new KubeConfigInvalid(`Cannot read ${source}: ${messageOf(error)}. Give a kubeconfig that "kubectl" accepts`, { cause: error })
  }
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, '')
  if (server === undefined) throw new KubeConfigInvalid(`The current context "${config.getCurrentContext()}" of ${source} names no cluster. Set one with "kubectl config use-context"`)
  return new LoadedKubeConfig(server, config, source)
}

class LoadedKubeConfig implements KubeConfig {
  readonly server: string
  readonly namespace: string | undefined
  readonly #source: string
  #config: ClientNodeConfig
  /** client-node makes a dispatcher for each request, which would mean a TLS handshake for each; ours stays until the certificates change. */
  #pool: { fingerprint: string; dispatcher: Dispatcher } | undefined

  constructor(server: string, config: ClientNodeConfig, source: string) {
    this.server = server
    this.#config = config
    this.#source = source
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace
  }

  async authenticate(): Promise<Credentials> {
    const options: RequestOptions = {}
    try {
      await this.#config.applyToHTTPSOptions(options)
    } catch (error) {
      // A token file that is being swapped, an exec plugin whose network is down: it may be there the next time.
      throw new Unauthorized(`Cannot find the credentials of ${this.#source}: ${messageOf(error)}`, { cause: error })
    }
    const headers: Record<string, string> = options.auth === undefined || options.auth === null ? {} : { Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
    // A token read from a file may end in a newline, which no header may hold.
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim()
    return { headers, dispatcher: await this.#choosePool(tlsOptionsOf(options)) }
  }

  renew(): void {
    const { clusters, users, contexts, currentContext } = this.#config
    // Token caches live inside client-node's authenticators: a new one has none.
    this.#config = new ClientNodeConfig()
    this.#config.loadFromOptions({ clusters, users, contexts, currentContext })
  }

  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = undefined
    await pool?.dispatcher.destroy()
  }

  async #choosePool(options: AgentOptions): Promise<Dispatcher> {
    const fingerprint = JSON.stringify(Object.entries(options).map(([name, part]) => [name, Buffer.isBuffer(part) ? part.toString('base64') : (part as unknown)]))
    if (this.#pool?.fingerprint !== fingerprint) {
      const dispatcher = await this.#createDispatcher(options)
      // Watches on the old connections go on until the server ends them.
      void this.#pool?.dispatcher.close()
      this.#pool = { fingerprint, dispatcher }
    }
    return this.#pool.dispatcher
  }

  /** HTTP/1.1, so that a broken connection takes one watch with it and not all. */
  async #createDispatcher(options: AgentOptions): Promise<Dispatcher> {
    const described = this.#config.createDispatcherOptions(this.#config.getCurrentCluster(), options)
    // client-node says the same of TLS as undici does, in node:tls' words, where undefined may stand for "left out".
    switch (described.type) {
      case 'agent':
        return new Agent({ connect: described.connect as buildConnector.BuildOptions, allowH2: false })
      case 'proxy':
        return new ProxyAgent({ uri: described.uri, requestTls: described.requestTls as buildConnector.BuildOptions, allowH2: false })
      case 'socks': {
        const context = new RequestContext(this.server, HttpMethod.GET)
        await this.#config.applySecurityAuthentication(context)
        return context.getDispatcher() ?? new Agent()
      }
      case 'none':
        return new Agent({ connect: keepAlive, allowH2: false })
    }
  }
}

const tlsNames = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const

function tlsOptionsOf(options: RequestOptions): AgentOptions {
  const present = tlsNames.filter((name) => options[name] !== undefined)
  return Object.fromEntries(present.map((name): [string, unknown] => [name, options[name]]))
}
