import type { Clock, Logger } from '@tidewatch/kit'
import { createInformer, keyOf, type Informer, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import type { ServedKinds } from './platform.ts'
import type { ObjectCache } from './shared/object-cache.ts'
import { listWatchedKinds, type WatchedKind } from './watched-kinds.ts'

export interface CachesOptions {
  kube: Kube
  /** Empty: all. */
  namespaces: readonly string[]
  onChange: (resource: Resource, object: KubeObject) => void
  clock: Clock
  log: Logger
}

interface Followed {
  informers: Informer[]
  stop: AbortController
}

const identify = ({ group, version, kind }: Resource) => `${group}/${version} ${kind}`

/** An informer for each kind and namespace; kinds come and go with what the API server serves. */
export class ObjectCaches implements ObjectCache {
  readonly #options: CachesOptions
  readonly #followed = new Map<string, Followed>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: CachesOptions) {
    this.#options = options
  }

  find(resource: Resource, name: ObjectName): KubeObject | undefined {
    const key = keyOf(name)
    for (const { store } of this.#followed.get(identify(resource))?.informers ?? []) {
      const found = store.get(key)
      if (found !== undefined) return found
    }
    return undefined
  }

  list(resource: Resource, namespace: string): readonly KubeObject[] {
    return (this.#followed.get(identify(resource))?.informers ?? []).flatMap(({ store }) => store.list(namespace))
  }

  listAll(resource: Resource): readonly KubeObject[] {
    return (this.#followed.get(identify(resource))?.informers ?? []).flatMap(({ store }) => store.list())
  }

  keysOf(resource: Resource): string[] {
    return this.listAll(resource).map(({ metadata }) => keyOf({ namespace: metadata.namespace, name: metadata.name }))
  }

  /** Follows what is served and no more; resolves when everything new has been read once, or the signal aborts. */
  async follow(served: ServedKinds, signal: AbortSignal): Promise<void> {
    const wanted = new Map(listWatchedKinds(served).map((kind) => [identify(kind.resource), kind]))
    for (const [id, kind] of wanted) if (!this.#followed.has(id)) this.#followed.set(id, this.#start(kind, signal))
    const informers = [...wanted.keys()].flatMap((id) => this.#followed.get(id)?.informers ?? [])
    await Promise.all(informers.map((one) => one.untilSynced(signal)))
    // Only now: until the new ones are read, decisions are made from the old ones.
    for (const [id, { stop }] of this.#followed) {
      if (wanted.has(id)) continue
      stop.abort()
      this.#followed.delete(id)
    }
  }

  /** Resolves when every informer has ended; the signal given to `follow` ends them. */
  async stopped(): Promise<void> {
    await Promise.all(this.#running)
  }

  #start(kind: WatchedKind, signal: AbortSignal): Followed {
    const { kube, namespaces, onChange, clock, log } = this.#options
    const { resource, labelSelector } = kind
    const stop = new AbortController()
    const informers = (namespaces.length === 0 ? [undefined] : namespaces).map((namespace) => createInformer({ kube, resource, labelSelector, namespace, clock, log }))
    for (const informer of informers) {
      // What is gone concerns its owner as well: it has to come back.
      informer.onChange(({ object, previous }) => {
        const changed = object ?? previous
        if (changed !== undefined) onChange(resource, changed)
      })
      const running: Promise<void> = informer.run(AbortSignal.any([signal, stop.signal])).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    return { informers, stop }
  }
}
