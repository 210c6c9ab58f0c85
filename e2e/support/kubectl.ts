import { spawn, type ChildProcess } from 'node:child_process'
import { createKube, loadKubeConfig, resources, type KubeClient, type KubeObject, type Resource } from '@tidewatch/kube'

/** kubectl ended with an error; the message is what it said. */
export class KubectlFailed extends Error {
  constructor(args: readonly string[]) {
    super(`kubectl ${args.join(' ')}`)
    this.name = 'KubectlFailed'
  }

  withWords(said: string): this {
    this.message += `: ${said.trim()}`
    return this
  }
}

/** What kubectl calls the kinds that the stories look at again and again. */
const resourceByName = new Map<string, Resource>(
  Object.values(resources).flatMap((resource) => [resource.kind.toLowerCase(), resource.plural].map((name) => [name, resource] as const)),
)
for (const [short, resource] of [
  ['dp', resources.detectionPipelines],
  ['fleet', resources.deviceFleets],
  ['hpa', resources.horizontalPodAutoscalers],
  ['pdb', resources.podDisruptionBudgets],
  ['events.events.k8s.io', resources.events],
] as const) resourceByName.set(short, resource)

/**
 * The user's own tool, so that the stories see what a user sees. Only what is looked at again and again is asked over a
 * connection of ours: a process for each look would take the machine's time from those that are looked at.
 */
export class Kubectl {
  readonly #command: string
  readonly #kubeconfig: string
  #kube: KubeClient | undefined

  constructor(command: string, kubeconfig: string) {
    this.#command = command
    this.#kubeconfig = kubeconfig
  }

  /** Runs it to its end. @throws KubectlFailed */
  run(args: readonly string[], stdin?: string): Promise<string> {
    // Made here, where the caller is still on the stack: whoever reads the failure sees which step of which story it was.
    const failure = new KubectlFailed(args)
    return new Promise((resolve, reject) => {
      const child = this.start(args)
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
      child.once('error', reject)
      child.once('close', (code) => {
        if (code === 0) resolve(Buffer.concat(stdout).toString())
        else reject(failure.withWords(Buffer.concat(stderr).toString()))
      })
      child.stdin?.on('error', () => {})
      child.stdin?.end(stdin)
    })
  }

  /** Starts one that goes on until it is killed, such as a port-forward. */
  start(args: readonly string[]): ChildProcess {
    return spawn(this.#command, args, { env: { ...process.env, KUBECONFIG: this.#kubeconfig }, stdio: 'pipe' })
  }

  /** `kubectl apply` of objects, or of a file's text. */
  async apply(manifests: readonly object[] | string): Promise<string> {
    const text = typeof manifests === 'string' ? manifests : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests })
    return this.run(['apply', '-f', '-'], text)
  }

  /** Undefined where there is no such object. */
  async read<T extends KubeObject = KubeObject>(kind: string, name: string, namespace?: string): Promise<T | undefined> {
    const resource = resourceByName.get(kind)
    if (resource !== undefined) return (await this.#connection().read(resource, { name, namespace })) as T | undefined
    const text = await this.run(['get', kind, name, '--ignore-not-found', '-o', 'json', ...inNamespace(namespace)])
    return text.trim() === '' ? undefined : (JSON.parse(text) as T)
  }

  /** @param kinds one or several, separated by commas. */
  async list<T extends KubeObject = KubeObject>(kinds: string, namespace?: string, selector?: string): Promise<T[]> {
    const known = kinds.split(',').map((kind) => resourceByName.get(kind))
    if (known.every((resource) => resource !== undefined)) {
      const pages = await Promise.all(known.map((resource) => this.#connection().list(resource, { namespace, labelSelector: selector })))
      return pages.flatMap(({ items }) => items) as T[]
    }
    const text = await this.run(['get', kinds, '-o', 'json', ...inNamespace(namespace), ...(selector === undefined ? [] : ['-l', selector])])
    return (JSON.parse(text) as { items: T[] }).items
  }

  #connection(): KubeClient {
    this.#kube ??= createKube({ kubeConfig: loadKubeConfig({ file: this.#kubeconfig }), userAgent: 'tidewatch-stories' })
    return this.#kube
  }

  /** A merge patch. */
  async patch(kind: string, name: string, namespace: string, change: object): Promise<void> {
    await this.run(['patch', kind, name, '-n', namespace, '--type=merge', '-p', JSON.stringify(change)])
  }
}

const inNamespace = (namespace: string | undefined): string[] => (namespace === undefined ? [] : ['-n', namespace])
