import { keyOf, type KubeObject } from './object.ts'
import { isOlder } from './version.ts'

/** What became of one object: no `object` where it is gone, no `previous` where it is new. */
export interface ObjectChange {
  /** `namespace/name`, or `name` alone. */
  key: string
  object?: KubeObject
  previous?: KubeObject
}

/** The objects of one informer, in memory. Objects are shared with every reader: nobody may change them. */
export interface ReadonlyStore {
  /** By `keyOf`. */
  get(key: string): KubeObject | undefined
  /** In no special order; undefined: of every namespace. */
  list(namespace?: string): KubeObject[]
  /** All with this label. Costs no walk over the store. */
  byLabel(name: string, value: string): KubeObject[]
  readonly size: number
}

/**
 * Holds the newest known state of each object, and decides what of the news is news.
 *
 * Pure but for its own content: it tells the changes and calls nobody.
 */
export class ObjectStore implements ReadonlyStore {
  #objects = new Map<string, KubeObject>()
  /** `name=value` -> keys. */
  readonly #labels = new Map<string, Set<string>>()
  readonly #namespaces = new Map<string, Set<string>>()

  get size(): number {
    return this.#objects.size
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)
  }

  list(namespace?: string): KubeObject[] {
    return namespace === undefined ? [...this.#objects.values()] : this.#resolve(this.#namespaces.get(namespace))
  }

  byLabel(name: string, value: string): KubeObject[] {
    return this.#resolve(this.#labels.get(`${name}=${value}`))
  }

  /** Takes up an object of a watch event; nothing changes where it is what we have, or older. */
  put(object: KubeObject): ObjectChange[] {
    const key = keyOf(object.metadata)
    const previous = this.#objects.get(key)
    if (previous === undefined) return this.#set(key, object)
    if (previous.metadata.uid !== object.metadata.uid) {
      if (isOlder(object, previous)) return []
      // Deleted and made again while we did not look: two things happened, and both are told.
      return [...this.#delete(key), ...this.#set(key, object)]
    }
    if (previous.metadata.resourceVersion === object.metadata.resourceVersion || isOlder(object, previous)) return []
    return this.#set(key, object)
  }

  /** Takes up a deletion, but not that of an object whose name another one has by now. */
  remove(object: KubeObject): ObjectChange[] {
    const key = keyOf(object.metadata)
    const previous = this.#objects.get(key)
    if (previous === undefined || (previous.metadata.uid !== object.metadata.uid && isOlder(object, previous))) return []
    return this.#delete(key)
  }

  /**
   * Takes up a whole list. It is the truth, even where it is older than what we have: an etcd restored from a backup
   * goes back in time, and whoever insists on newer versions never sees it again.
   */
  replace(objects: readonly KubeObject[]): ObjectChange[] {
    const changes: ObjectChange[] = []
    const listed = new Set(objects.map(({ metadata }) => keyOf(metadata)))
    for (const key of [...this.#objects.keys()]) if (!listed.has(key)) changes.push(...this.#delete(key))
    for (const object of objects) {
      const key = keyOf(object.metadata)
      const previous = this.#objects.get(key)
      const isOther = previous !== undefined && previous.metadata.uid !== object.metadata.uid
      if (isOther) changes.push(...this.#delete(key))
      if (isOther || previous?.metadata.resourceVersion !== object.metadata.resourceVersion) changes.push(...this.#set(key, object))
    }
    return changes
  }

  #resolve(keys: ReadonlySet<string> | undefined): KubeObject[] {
    return [...(keys ?? [])].flatMap((key) => this.#objects.get(key) ?? [])
  }

  #set(key: string, object: KubeObject): ObjectChange[] {
    const previous = this.#objects.get(key)
    if (previous !== undefined) this.#unindex(key, previous)
    this.#objects.set(key, object)
    for (const label of labelsOf(object)) addTo(this.#labels, label, key)
    if (object.metadata.namespace !== undefined) addTo(this.#namespaces, object.metadata.namespace, key)
    return [{ key, object, ...(previous === undefined ? {} : { previous }) }]
  }

  #delete(key: string): ObjectChange[] {
    const previous = this.#objects.get(key)
    if (previous === undefined) return []
    this.#unindex(key, previous)
    this.#objects.delete(key)
    return [{ key, previous }]
  }

  #unindex(key: string, object: KubeObject): void {
    for (const label of labelsOf(object)) removeFrom(this.#labels, label, key)
    if (object.metadata.namespace !== undefined) removeFrom(this.#namespaces, object.metadata.namespace, key)
  }
}

const labelsOf = ({ metadata }: KubeObject) => Object.entries(metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`)

function addTo(index: Map<string, Set<string>>, entry: string, key: string): void {
  const keys = index.get(entry) ?? new Set()
  keys.add(key)
  index.set(entry, keys)
}

function removeFrom(index: Map<string, Set<string>>, entry: string, key: string): void {
  const keys = index.get(entry)
  keys?.delete(key)
  // An entry left empty would stay for ever: label values like a Job's hash never come again.
  if (keys?.size === 0) index.delete(entry)
}
