import { formatPath, identify, isItemStep, isSame, readLeaves, removeAt, setAt, valueAt, type JsonMap, type Leaf, type Path } from './json-paths.ts'

/** A leaf that another manager owns with another value. */
export interface ConflictCause {
  manager: string
  /** `.spec.replicas` */
  field: string
}

/**
 * Server-side apply's bookkeeping in small: who owns which leaves of one object, and what an apply makes of it.
 *
 * @see KEP-555 and sigs.k8s.io/structured-merge-diff
 */
export class FieldOwnership {
  #byManager: Map<string, Map<string, Path>>

  constructor(byManager: ReadonlyMap<string, ReadonlyMap<string, Path>> = new Map()) {
    this.#byManager = new Map([...byManager].map(([manager, leaves]) => [manager, new Map(leaves)]))
  }

  /** For a dry run. */
  clone(): FieldOwnership {
    return new FieldOwnership(this.#byManager)
  }

  /** What the object is after this manager has applied its wishes; or the conflicts, where there are any and they are not forced. */
  apply(current: JsonMap, desired: unknown, manager: string, force: boolean): { object: JsonMap } | { conflicts: ConflictCause[] } {
    const wanted = readLeaves(desired)
    const disputed = [...wanted].filter(([, { path, value }]) => !isSame(valueAt(current, path), value)).flatMap(([id, { path }]) => this.#othersOf(manager, id).map((other) => ({ id, path, other })))
    if (disputed.length > 0 && !force) return { conflicts: disputed.map(({ path, other }) => ({ manager: other, field: formatPath(path) })) }
    for (const { id, other } of disputed) this.#byManager.get(other)?.delete(id)

    const object = structuredClone(current)
    const before = this.#byManager.get(manager) ?? new Map<string, Path>()
    this.#byManager.set(manager, new Map([...wanted].map(([id, { path }]) => [id, path])))
    for (const [id, path] of before) {
      if (!wanted.has(id) && this.#othersOf(manager, id).length === 0) removeAt(object, this.#itemLeft(path) ?? path)
    }
    for (const { path, value } of wanted.values()) setAt(object, path, structuredClone(value))
    return { object }
  }

  /** Somebody wrote the whole object: what differs is its own now, and what is gone is nobody's. */
  update(before: unknown, after: unknown, manager: string): void {
    const old = readLeaves(before)
    const now = readLeaves(after)
    const isChanged = (id: string, { value }: Leaf) => !isSame(old.get(id)?.value, value)
    const changed = [...now].filter(([id, leaf]) => isChanged(id, leaf))
    for (const id of [...changed.map(([id]) => id), ...[...old.keys()].filter((id) => !now.has(id))]) {
      for (const leaves of this.#byManager.values()) leaves.delete(id)
    }
    const own = this.#byManager.get(manager) ?? new Map<string, Path>()
    for (const [id, { path }] of changed) own.set(id, path)
    this.#byManager.set(manager, own)
  }

  #othersOf(manager: string, id: string): string[] {
    return [...this.#byManager].filter(([name, leaves]) => name !== manager && leaves.has(id)).map(([name]) => name)
  }

  /** The outermost item around a leaf in which nobody owns anything: it goes whole, with what the server filled in. */
  #itemLeft(path: Path): Path | undefined {
    const owned = [...this.#byManager.values()].flatMap((leaves) => [...leaves.values()])
    const items = path.map((_, index) => path.slice(0, index + 1)).filter((prefix) => isItemStep(prefix.at(-1)))
    return items.find((item) => !owned.some((other) => identify(other.slice(0, item.length)) === identify(item)))
  }
}
