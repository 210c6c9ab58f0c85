import { systemClock, type AppError, type Clock, type Logger } from '@tidewatch/kit'
import type { Kube } from './kube.ts'
import { Reflector, type ReflectorTunables } from './reflector.ts'
import type { Resource } from './resource.ts'
import { ObjectStore, type ObjectChange, type ReadonlyStore } from './store.ts'

export interface InformerOptions extends ReflectorTunables {
  kube: Kube
  resource: Resource
  /** Undefined: all. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  /** Default: the system's. */
  clock?: Clock | undefined
  log: Logger
  /** Uniform in [0, 1). Default: `Math.random`. */
  random?: (() => number) | undefined
  /** Told whenever `problem` changes. */
  onProblem?: ((problem: AppError | undefined) => void) | undefined
}

export interface Informer {
  /** What is known now. Its objects are shared: do not change them. */
  readonly store: ReadonlyStore
  /** Follows until the signal aborts. Never rejects and never gives up before. Call it once. */
  run(signal: AbortSignal): Promise<void>
  /** True from the first whole list on, also while the API server cannot be reached later. */
  hasSynced(): boolean
  /** Resolves with the first whole list, or when the signal aborts. */
  untilSynced(signal: AbortSignal): Promise<void>
  /** Told of each change after the store has it; what is in the store already is not told again. Returns how to stop. */
  onChange(listener: (change: ObjectChange) => void): () => void
  /** Why the store may be out of date; undefined when all is well. */
  readonly problem: AppError | undefined
}

/** A copy in memory of one kind of object that follows the API server. */
export function createInformer(options: InformerOptions): Informer {
  return new ReflectedInformer(options)
}

class ReflectedInformer implements Informer {
  readonly store = new ObjectStore()
  readonly #reflector: Reflector
  readonly #log: Logger
  readonly #plural: string
  readonly #listeners = new Set<(change: ObjectChange) => void>()
  readonly #synced = Promise.withResolvers<undefined>()
  readonly #onProblem: InformerOptions['onProblem']
  #hasSynced = false
  #problem: AppError | undefined

  constructor({ clock = systemClock, random = Math.random, onProblem, ...options }: InformerOptions) {
    this.#log = options.log
    this.#plural = options.resource.plural
    this.#onProblem = onProblem
    this.#reflector = new Reflector({
      ...options,
      clock,
      random,
      onList: (objects) => {
        const changes = this.store.replace(objects)
        this.#tell(changes)
        this.#hasSynced = true
        this.#synced.resolve(undefined)
      },
      onEvent: ({ type, object }) => this.#tell(type === 'DELETED' ? this.store.remove(object) : this.store.put(object)),
      onProblem: (problem) => this.#setProblem(problem),
    })
  }

  get problem(): AppError | undefined {
    return this.#problem
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal)
  }

  hasSynced(): boolean {
    return this.#hasSynced
  }

  async untilSynced(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const aborted = Promise.withResolvers<undefined>()
    const finish = () => aborted.resolve(undefined)
    signal.addEventListener('abort', finish)
    await Promise.race([this.#synced.promise, aborted.promise])
    signal.removeEventListener('abort', finish)
  }

  onChange(listener: (change: ObjectChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A listener that throws is its own trouble: the others hear of the change, and the watch goes on. */
  #tell(changes: readonly ObjectChange[]): void {
    for (const change of changes) for (const listener of this.#listeners) this.#call(change.key, () => listener(change))
  }

  #setProblem(problem: AppError | undefined): void {
    if (problem?.message === this.#problem?.message) return
    this.#problem = problem
    this.#call(undefined, () => this.#onProblem?.(problem))
  }

  #call(key: string | undefined, tell: () => void): void {
    try {
      tell()
    } catch (err) {
      this.#log.error({ err, resource: this.#plural, key }, 'Failed in a listener of an informer')
    }
  }
}
