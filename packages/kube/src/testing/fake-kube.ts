import { randomUUID } from 'node:crypto'
import { systemClock, type AppError, type Clock } from '@tidewatch/kit'
import { classifyResponse } from '../classify.ts'
import { ResourceExpired } from '../errors.ts'
import type { ApplyOptions, DeleteOptions, Kube, ListOptions, ListPage, WatchEvent, WatchOptions } from '../kube.ts'
import { keyOf, type KubeObject, type ObjectName } from '../object.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import { EventLog, type LoggedEvent } from './event-log.ts'
import { FieldOwnership } from './field-ownership.ts'
import { isSame, type JsonMap } from './json-paths.ts'
import { matchesFields, matchesLabels } from './selectors.ts'
import { collectionOf, hasGeneration, hasStatus, idOf, ownedPart, specPart, systemPart, viewOf, withStatusOf } from './stored-object.ts'

/** One write as it arrived. */
export interface FakeWrite {
  verb: 'apply' | 'create' | 'update' | 'delete'
  /** Plural. */
  resource: string
  key: string
  subresource: '' | 'status'
}

interface Stored {
  resource: Resource
  object: KubeObject
  ownership: FieldOwnership
}

/** The manager of `create` and `update`, as the client's user agent makes it. */
const writer = 'tidewatch'

/**
 * An API server in memory. It does what `kube-contract.ts` holds against a real one, and no more: no schemas, no defaults, no
 * admission, no controllers (`collectGarbage` stands for the one that counts).
 */
export class FakeKube implements Kube {
  /** Every write that came in, dry runs apart, failed ones included. */
  readonly writes: FakeWrite[] = []
  /** By group; what `listVersions` answers. */
  readonly versions = new Map<string, string[]>()
  /** Kinds that the server does not serve: `group/plural`. */
  readonly unserved = new Set<string>()
  readonly #clock: Clock
  readonly #stored = new Map<string, Stored>()
  readonly #log = new EventLog()
  readonly #failures: { error: Error; text: string }[] = []
  /** What a list was when its first page was read, by the token's first part. */
  readonly #snapshots = new Map<string, KubeObject[]>()
  #beforeWrite: (write: FakeWrite) => void = () => {}
  #version = 1

  /** @param clock the system's where nothing is given; it ends watches after their time */
  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock
  }

  /** Called before each write is stored; throwing fails the write. `index` counts from 0 since this call. */
  beforeWrite(hook: (write: FakeWrite, index: number) => void): void {
    let index = 0
    this.#beforeWrite = (write) => hook(write, index++)
  }

  /** The next call whose words (`list pods`, `apply configmaps a/b`, `update leases a/b`) contain the text fails with the error. */
  failNext(error: Error, containing = ''): void {
    this.#failures.push({ error, text: containing })
  }

  /** Another client writes the whole object: makes it, or replaces spec, status and metadata as given. Not counted in `writes`. */
  put(resource: Resource, object: KubeObject, manager = 'somebody'): KubeObject {
    const stored = this.#stored.get(idOf(resource, object.metadata))
    return stored === undefined ? this.#insert(resource, object, manager) : this.#replace(stored, object, manager)
  }

  /** Every object of a kind, or of all. */
  objects(resource?: Resource): KubeObject[] {
    return [...this.#stored.values()].filter((stored) => resource === undefined || collectionOf(stored.resource) === collectionOf(resource)).map(({ object }) => structuredClone(object))
  }

  /** Forgets the past: a watch or a page from before is told that its version is too old. */
  compact(): void {
    this.#snapshots.clear()
    this.#log.compact(this.#version)
  }

  /** Sends a bookmark to every watch. */
  sendBookmarks(): void {
    this.#log.notify('bookmark')
  }

  /** Ends every watch as a server does after its time. */
  endWatches(): void {
    this.#log.notify('end')
  }

  /** Deletes what has owners, none of which is there any more; again until nothing is left to do. */
  collectGarbage(): void {
    for (let isDone = false; !isDone;) {
      const uids = new Set([...this.#stored.values()].map(({ object }) => object.metadata.uid))
      const orphans = [...this.#stored.values()].filter(({ object: { metadata } }) => {
        const owners = metadata.ownerReferences ?? []
        return owners.length > 0 && metadata.deletionTimestamp === undefined && !owners.some(({ uid }) => uids.has(uid))
      })
      for (const orphan of orphans) this.#beginDeletion(orphan)
      isDone = orphans.length === 0
    }
  }

  async read(resource: Resource, name: ObjectName): Promise<KubeObject | undefined> {
    this.#arrive(`read ${resource.kind} ${keyOf(name)}`, `read ${resource.plural} ${keyOf(name)}`, resource)
    const stored = this.#stored.get(idOf(resource, name))
    return stored && viewOf(resource, stored.object)
  }

  async list(resource: Resource, options: ListOptions = {}): Promise<ListPage> {
    const attempt = `list ${resource.plural}${options.namespace === undefined ? '' : ` of ${options.namespace}`}`
    this.#arrive(attempt, `list ${resource.plural}`, resource)
    const { limit = Infinity, continueToken } = options
    const [snapshot = '', position = '0'] = continueToken?.split('@') ?? [`${this.#version}#${randomUUID()}`]
    const all = continueToken === undefined ? this.#select(resource, options) : this.#snapshots.get(snapshot)
    if (all === undefined) throw refuse(attempt, 410, 'Expired', 'The provided continue parameter is too old to display a consistent list result')
    const next = Number(position) + limit
    if (next < all.length) this.#snapshots.set(snapshot, all)
    return { items: structuredClone(all.slice(Number(position), next)), resourceVersion: snapshot.split('#')[0] ?? '', continueToken: next < all.length ? `${snapshot}@${next}` : undefined }
  }

  async *watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent, void, undefined> {
    const attempt = `watch ${resource.plural}${options.namespace === undefined ? '' : ` of ${options.namespace}`}`
    this.#arrive(attempt, `watch ${resource.plural}`, resource)
    const from = Number(options.resourceVersion)
    if (this.#log.isTooOld(from)) throw new ResourceExpired(`Failed to ${attempt}: too old resource version: ${from} (${this.#version})`)
    for await (const event of this.#log.follow(from, { clock: this.#clock, timeoutMs: options.timeoutSeconds * 1_000, signal: options.signal })) {
      const told = event === 'bookmark' ? ({ type: 'BOOKMARK', resourceVersion: String(this.#version) } as const) : toldOf(event, resource, options)
      if (told !== undefined) yield told
      // Where somebody stops listening between two events, the second one is not told.
      if (isAborted(options.signal)) return
    }
  }

  async apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#apply(resource, object, options, '')
  }

  async applyStatus(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#apply(resource, object, options, 'status')
  }

  async create(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const attempt = this.#arriveToWrite(resource, 'create', object.metadata)
    if (this.#stored.has(idOf(resource, object.metadata))) throw refuse(attempt, 409, 'AlreadyExists', `${qualify(resource)} "${object.metadata.name}" already exists`)
    return this.#insert(resource, hasStatus(resource) ? withStatusOf(object, undefined) : object, writer)
  }

  async update(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const attempt = this.#arriveToWrite(resource, 'update', object.metadata)
    const stored = this.#stored.get(idOf(resource, object.metadata))
    const { resourceVersion, name } = object.metadata
    if (stored === undefined) throw refuse(attempt, 404, 'NotFound', `${qualify(resource)} "${name}" not found`)
    if (resourceVersion !== undefined && resourceVersion !== stored.object.metadata.resourceVersion) {
      throw refuse(attempt, 409, 'Conflict', `Operation cannot be fulfilled on ${qualify(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`)
    }
    return this.#replace(stored, hasStatus(resource) ? withStatusOf(object, stored.object) : object, writer)
  }

  async delete(resource: Resource, name: ObjectName, { uid, resourceVersion, propagationPolicy = 'Background' }: DeleteOptions = {}): Promise<boolean> {
    if (propagationPolicy !== 'Background') throw new Error(`FakeKube does not know the propagation policy ${propagationPolicy}`)
    const attempt = this.#arriveToWrite(resource, 'delete', name)
    const stored = this.#stored.get(idOf(resource, name))
    if (stored === undefined) return false
    const { metadata } = stored.object
    if ((uid !== undefined && uid !== metadata.uid) || (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)) {
      throw refuse(attempt, 409, 'Conflict', `Operation cannot be fulfilled on ${qualify(resource)} "${name.name}": the precondition does not hold`)
    }
    this.#beginDeletion(stored)
    return true
  }

  async listVersions(group: string): Promise<string[]> {
    this.#arrive(`list the versions of ${group}`, `discover ${group}`)
    return this.versions.get(group) ?? []
  }

  #arrive(attempt: string, call: string, resource?: Resource): void {
    const index = this.#failures.findIndex(({ text }) => call.includes(text))
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1)
    if (failure !== undefined) throw failure.error
    if (resource !== undefined && this.unserved.has(collectionOf(resource))) throw refuse(attempt, 404, 'NotFound', 'the server could not find the requested resource')
  }

  #arriveToWrite(resource: Resource, verb: FakeWrite['verb'], name: ObjectName, subresource: '' | 'status' = '', isDryRun = false): string {
    const key = keyOf({ namespace: name.namespace, name: name.name })
    const attempt = `${verb} ${subresource === '' ? '' : 'the status of '}${resource.kind} ${key}`
    if (!isDryRun) {
      const write: FakeWrite = { verb, resource: resource.plural, key, subresource }
      this.writes.push(write)
      this.#beforeWrite(write)
    }
    this.#arrive(attempt, `${verb} ${resource.plural} ${key}${subresource === '' ? '' : '/status'}`, resource)
    return attempt
  }

  #apply(resource: Resource, wanted: KubeObject, { fieldManager, force = false, dryRun = false }: ApplyOptions, subresource: '' | 'status'): KubeObject {
    const attempt = this.#arriveToWrite(resource, 'apply', wanted.metadata, subresource, dryRun)
    const { name, uid, resourceVersion, managedFields } = wanted.metadata
    if (wanted.apiVersion !== apiVersionOf(resource) || wanted.kind !== resource.kind) throw refuse(attempt, 400, 'BadRequest', `the object is ${wanted.apiVersion} ${wanted.kind}, the address is of ${apiVersionOf(resource)} ${resource.kind}`)
    if (managedFields !== undefined) throw refuse(attempt, 400, 'BadRequest', 'metadata.managedFields must be nil')
    const stored = this.#stored.get(idOf(resource, wanted.metadata))
    if (stored === undefined && subresource === 'status') throw refuse(attempt, 404, 'NotFound', `${qualify(resource)} "${name}" not found`)
    const current = stored?.object.metadata
    if ((uid !== undefined && uid !== current?.uid) || (resourceVersion !== undefined && resourceVersion !== current?.resourceVersion)) {
      throw refuse(attempt, 409, 'Conflict', `Operation cannot be fulfilled on ${qualify(resource)} "${name}": the object is another one by now`)
    }

    const desired = subresource === 'status' ? { status: wanted.status } : ownedPart(hasStatus(resource) ? withStatusOf(wanted, undefined) : wanted)
    const ownership = (dryRun ? stored?.ownership.clone() : stored?.ownership) ?? new FieldOwnership()
    // One name on both addresses is two managers, as in `managedFields`.
    const manager = subresource === '' ? fieldManager : `${fieldManager}/status`
    const outcome = ownership.apply(stored === undefined ? {} : ownedPart(stored.object), desired, manager, force)
    if ('conflicts' in outcome) throw refuseConflict(attempt, outcome.conflicts)
    const { metadata: own = {}, ...rest } = outcome.object
    const next: KubeObject = { apiVersion: wanted.apiVersion, kind: wanted.kind, ...rest, metadata: { ...systemPart(stored?.object ?? wanted), ...(own as JsonMap), name } }
    if (dryRun) return next
    return stored === undefined ? this.#insert(resource, next, undefined, ownership) : this.#store(stored, next)
  }

  #insert(resource: Resource, object: KubeObject, manager: string | undefined, ownership = new FieldOwnership()): KubeObject {
    const generation = hasGeneration(resource) ? { generation: 1 } : {}
    const made = structuredClone({ ...object, metadata: { ...object.metadata, uid: randomUUID(), ...generation, creationTimestamp: this.#timestamp(), resourceVersion: String(++this.#version) } })
    if (manager !== undefined) ownership.update({}, ownedPart(made), manager)
    this.#stored.set(idOf(resource, made.metadata), { resource, object: made, ownership })
    this.#log.append({ version: this.#version, type: 'ADDED', collection: collectionOf(resource), object: structuredClone(made), previous: undefined })
    return viewOf(resource, made)
  }

  #replace(stored: Stored, object: KubeObject, manager: string): KubeObject {
    const next = structuredClone({ ...object, metadata: { ...object.metadata, ...systemPart(stored.object) } })
    stored.ownership.update(ownedPart(stored.object), ownedPart(next), manager)
    return this.#store(stored, next)
  }

  /** What changes nothing makes no version; what was only waiting for its finalizers is gone. */
  #store(stored: Stored, next: KubeObject): KubeObject {
    const { resource, object: previous } = stored
    if (isSame(ownedPart(previous), ownedPart(next)) && isSame(systemPart(previous), systemPart(next))) return viewOf(resource, previous)
    const isNewGeneration = !isSame(specPart(previous), specPart(next)) || previous.metadata.deletionTimestamp !== next.metadata.deletionTimestamp
    const generation = hasGeneration(resource) ? { generation: (previous.metadata.generation ?? 1) + (isNewGeneration ? 1 : 0) } : {}
    stored.object = { ...next, metadata: { ...next.metadata, ...generation, resourceVersion: String(++this.#version) } }
    if (stored.object.metadata.deletionTimestamp !== undefined && (stored.object.metadata.finalizers ?? []).length === 0) this.#remove(stored, previous)
    else this.#log.append({ version: this.#version, type: 'MODIFIED', collection: collectionOf(resource), object: structuredClone(stored.object), previous })
    return viewOf(resource, stored.object)
  }

  #beginDeletion(stored: Stored): void {
    const { object } = stored
    const { finalizers = [], deletionTimestamp } = object.metadata
    if (finalizers.length === 0) this.#remove(stored, object)
    else if (deletionTimestamp === undefined) this.#store(stored, { ...object, metadata: { ...object.metadata, deletionTimestamp: this.#timestamp() } })
  }

  #remove({ resource, object }: Stored, previous: KubeObject): void {
    this.#stored.delete(idOf(resource, object.metadata))
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    this.#log.append({ version: this.#version, type: 'DELETED', collection: collectionOf(resource), object: structuredClone(last), previous })
  }

  #select(resource: Resource, options: ListOptions): KubeObject[] {
    return this.objects(resource)
      .filter((object) => isSelected(object, options))
      .map((object) => viewOf(resource, object))
      .sort((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1))
  }

  #timestamp(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted

/** `configmaps`, `deployments.apps`: as the API server names a kind in its sentences. */
const qualify = ({ group, plural }: Resource): string => (group === '' ? plural : `${plural}.${group}`)

/** Through the same classification as a real answer. */
const refuse = (attempt: string, code: number, reason: string, message: string, details?: object): AppError =>
  classifyResponse({ attempt, statusCode: code, body: JSON.stringify({ kind: 'Status', code, reason, message, details }) })

function refuseConflict(attempt: string, conflicts: readonly { manager: string; field: string }[]): AppError {
  const causes = conflicts.map(({ manager, field }) => ({ reason: 'FieldManagerConflict', message: `conflict with "${manager.replace(/\/status$/, '')}"`, field }))
  const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`
  const lines = causes.map(({ message, field }) => `${message}: ${field}`).join(', ')
  return refuse(attempt, 409, 'Conflict', `Apply failed with ${count}: ${lines}`, { causes })
}

function isSelected(object: KubeObject, { namespace, labelSelector, fieldSelector }: ListOptions): boolean {
  return (namespace === undefined || object.metadata.namespace === namespace) && matchesLabels(object, labelSelector) && matchesFields(object, fieldSelector)
}

/** What a watch hears of a change: an object that leaves its selection is deleted to it. */
function toldOf({ type, collection, object, previous }: LoggedEvent, resource: Resource, options: WatchOptions): WatchEvent | undefined {
  if (collection !== collectionOf(resource)) return undefined
  const isIn = isSelected(object, options)
  const wasIn = previous !== undefined && isSelected(previous, options)
  const view = viewOf(resource, object)
  if (type === 'DELETED') return wasIn ? { type, object: view } : undefined
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', object: view }
  return wasIn ? { type: 'DELETED', object: view } : undefined
}
