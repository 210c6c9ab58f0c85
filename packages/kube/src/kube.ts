import type { KubeObject, ObjectName } from './object.ts'
import type { Resource } from './resource.ts'

export interface ListOptions {
  /** All namespaces where undefined. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  /** Most objects in one page. */
  limit?: number | undefined
  /** From the page before. */
  continueToken?: string | undefined
  /** `"0"`: whatever the server has in its cache. Undefined: the newest. */
  resourceVersion?: string | undefined
  signal?: AbortSignal | undefined
}

export interface ListPage {
  items: KubeObject[]
  /** The version that a watch goes on from. */
  resourceVersion: string
  /** Undefined on the last page. */
  continueToken: string | undefined
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continueToken' | 'resourceVersion'> {
  resourceVersion: string
  /** After so long the server ends the watch in order. */
  timeoutSeconds: number
  signal: AbortSignal
}

/** A bookmark carries nothing but the version; the server's ERROR event is thrown as the error that it tells of. */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }
  | { type: 'BOOKMARK'; resourceVersion: string }

export interface ApplyOptions {
  /** Who owns the fields: one name for each writer. */
  fieldManager: string
  /** Takes fields over from other writers. Default false: a conflict is thrown. */
  force?: boolean
  /** The server does all but store. */
  dryRun?: boolean
}

export interface DeleteOptions {
  /** Only this very object, not one of the same name made later. */
  uid?: string | undefined
  resourceVersion?: string | undefined
  /** Default: Background. */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/**
 * The API server. All errors thrown are of `errors.ts`; nothing is retried here.
 *
 * Implementations: `createKube` (the wire) and `FakeKube` (memory), under one contract suite.
 */
export interface Kube {
  /** Undefined where there is no such object. */
  read(resource: Resource, name: ObjectName): Promise<KubeObject | undefined>
  /** One page. */
  list(resource: Resource, options?: ListOptions): Promise<ListPage>
  /** Ends when the server ends it; throws where the connection breaks or the version is too old (`ResourceExpired`). */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>
  /** Server-side apply of an object with everything that this field manager wants of it. @throws FieldConflict */
  apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  /** The same on the status subresource. */
  applyStatus(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  /** @throws AlreadyExists */
  create(resource: Resource, object: KubeObject): Promise<KubeObject>
  /** Replaces; with `metadata.resourceVersion` only that version. @throws WriteConflict */
  update(resource: Resource, object: KubeObject): Promise<KubeObject>
  /** False where there was no such object. @throws WriteConflict when a precondition does not hold. */
  delete(resource: Resource, name: ObjectName, options?: DeleteOptions): Promise<boolean>
  /** The versions of a group that are served, the preferred one first; empty where there is no such group. */
  listVersions(group: string): Promise<string[]>
}
