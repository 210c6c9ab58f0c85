import { areEqualQuantities } from './quantity.ts'

/**
 * Lists whose elements have a name of their own in Kubernetes' API (`x-kubernetes-list-map-keys`, `patchMergeKey`), by the
 * name of the field. Of these each desired element must be there; others may put theirs beside it (an injected sidecar).
 */
const keysByList = new Map<string, readonly string[]>(Object.entries({
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
}))
/** Lists that are sets of plain values. */
const sets = new Set(['finalizers'])

/**
 * True where every field of `desired` is in `live` with the same meaning. What `live` has beside it is passed over: the
 * server's defaults and other writers' fields. That a field which we once set is still there although we want it no more
 * cannot be seen here; the hash of what was applied tells (`apply-all.ts`).
 *
 * Quantities are compared as numbers where the API has quantities, so `"0.5"` is `"500m"`. An empty map, list or text is
 * satisfied by nothing at all, because the server drops those. `false` and 0 are not: where the server drops them, do not
 * send them, else each reconcile applies them again.
 */
export function isSatisfiedBy(desired: unknown, live: unknown): boolean {
  return isSatisfiedAt(desired, live, [])
}

function isSatisfiedAt(desired: unknown, live: unknown, path: readonly string[]): boolean {
  if (desired === undefined || desired === null) return live === undefined || live === null || desired === undefined
  if (live === undefined || live === null) return isEmpty(desired)
  if (Array.isArray(desired)) return Array.isArray(live) && isListSatisfied(desired, live, path)
  if (typeof desired === 'object') {
    if (typeof live !== 'object' || Array.isArray(live)) return false
    const members = live as Record<string, unknown>
    return Object.entries(desired).every(([name, member]) => isSatisfiedAt(member, Object.hasOwn(members, name) ? members[name] : undefined, [...path, name]))
  }
  return desired === live || (isQuantity(path) && areEqualQuantities(desired, live))
}

function isListSatisfied(desired: readonly unknown[], live: readonly unknown[], path: readonly string[]): boolean {
  const list = path.at(-1) ?? ''
  if (sets.has(list)) return desired.every((one) => live.includes(one))
  const keys = keysByList.get(list)
  const keyed = keys !== undefined && desired.every((one) => hasKeys(one, keys))
  if (!keyed) return desired.length === live.length && desired.every((one, i) => isSatisfiedAt(one, live[i], path))
  return desired.every((one) => isSatisfiedAt(one, live.find((other) => hasSameKeys(one, other, keys)), path))
}

const hasKeys = (one: unknown, keys: readonly string[]): one is Record<string, unknown> =>
  typeof one === 'object' && one !== null && keys.every((key) => key in one)

const hasSameKeys = (one: unknown, other: unknown, keys: readonly string[]): boolean =>
  hasKeys(one, keys) && hasKeys(other, keys) && keys.every((key) => one[key] === other[key])

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}

/** `resources.requests.cpu`, `emptyDir.sizeLimit`, `target.averageValue`: the quantities among the fields that we write. */
function isQuantity(path: readonly string[]): boolean {
  const [parent, name] = path.slice(-2)
  return parent === 'requests' || parent === 'limits' || name === 'sizeLimit' || (parent === 'target' && (name === 'value' || name === 'averageValue'))
}
