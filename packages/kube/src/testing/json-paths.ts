/** What server-side apply sees of an object: leaves with paths through maps, lists that are maps, and lists that are sets. */

export type Json = null | boolean | number | string | Json[] | JsonMap
export type JsonMap = { [key: string]: Json }

/** A field's name; `{"name":"a"}` for an item of a list that is a map; `="a"` for one of a list that is a set. */
export type Path = readonly string[]

export interface Leaf {
  path: Path
  value: Json
}

/** The keys of lists that are maps, by the name of the list, as the built-in kinds that Tidewatch writes have them. */
const keysByList: Record<string, readonly string[]> = {
  conditions: ['type'],
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
}
const sets = ['finalizers']
/** Maps that are one value: whoever writes one key of them writes them whole. */
const atomicMaps = ['selector', 'nodeSelector', 'fieldRef', 'resourceFieldRef', 'secretKeyRef', 'configMapKeyRef', 'podSelector', 'namespaceSelector', 'labelSelector']

export const isMap = (value: unknown): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A step that leads into an item of a list. */
export const isItemStep = (step: string | undefined): boolean => step?.startsWith('{') === true || step?.startsWith('=') === true

/** Tells a leaf from all others. */
export const identify = (path: Path): string => path.join('\u0000')

/** `.spec.template.spec.containers[name="main"].image`, as the API server writes a path in a conflict. */
export function formatPath(path: Path): string {
  const format = (step: string): string => {
    if (step.startsWith('=')) return `[${step}]`
    if (!step.startsWith('{')) return `.${step}`
    return `[${Object.entries(JSON.parse(step) as JsonMap).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
  }
  return path.map(format).join('')
}

/** Every leaf by its identity. An empty map or list is a leaf, and so is a list whose items have no keys. */
export function readLeaves(value: unknown, path: Path = [], into = new Map<string, Leaf>()): Map<string, Leaf> {
  const name = path.at(-1) ?? ''
  if (isMap(value) && Object.keys(value).length > 0 && !atomicMaps.includes(name)) {
    for (const [key, inner] of Object.entries(value)) if (inner !== undefined) readLeaves(inner, [...path, key], into)
    return into
  }
  if (Array.isArray(value) && value.length > 0) {
    const items = value as Json[]
    const keys = keysOf(name, items)
    if (sets.includes(name) || keys !== undefined) {
      for (const item of items) readLeaves(item, [...path, keys === undefined ? `=${JSON.stringify(item)}` : stepOf(item, keys)], into)
      return into
    }
  }
  // Nothing at all is owned of an object that says nothing.
  if (path.length > 0) into.set(identify(path), { path, value: value as Json })
  return into
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: Path): Json | undefined {
  let value = root as Json | undefined
  for (const step of path) {
    if (Array.isArray(value)) value = value.find((item) => matches(item, step))
    else if (isMap(value)) value = value[step]
    else return undefined
  }
  return value
}

/** Writes a value, with the maps and items on the way to it. */
export function setAt(root: JsonMap, path: Path, value: Json): void {
  let at: Json = root
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1
    if (Array.isArray(at)) {
      const position: number = at.findIndex((item) => matches(item, step))
      // The keys come with the leaves that follow; until then only the step tells the item.
      const item: Json = isLast ? value : (at[position] ?? keysIn(step))
      if (position < 0) at.push(item)
      else at[position] = item
      at = item
    } else if (isMap(at)) {
      const inner: Json = isLast ? value : (at[step] ?? (isItemStep(path[index + 1]) ? [] : {}))
      at[step] = inner
      at = inner
    }
  }
}

/** Takes a leaf or an item away, and every map and list that is empty without it. */
export function removeAt(root: JsonMap, path: Path): void {
  const last = path.at(-1)
  if (last === undefined) return
  const parentPath = path.slice(0, -1)
  const parent = valueAt(root, parentPath)
  if (Array.isArray(parent)) {
    const position = parent.findIndex((item) => matches(item, last))
    if (position >= 0) parent.splice(position, 1)
    if (parent.length === 0) removeAt(root, parentPath)
  } else if (isMap(parent)) {
    delete parent[last]
    if (Object.keys(parent).length === 0) removeAt(root, parentPath)
  }
}

/** Deep equality of JSON; the order of keys does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a).filter((key) => a[key] !== undefined)
  return keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length && keys.every((key) => isSame(a[key], b[key]))
}

function keysOf(list: string, items: readonly Json[]): readonly string[] | undefined {
  const first = items[0]
  if (!isMap(first)) return undefined
  if (list === 'ports') return 'containerPort' in first ? ['containerPort', 'protocol'] : ['port', 'protocol']
  return keysByList[list]
}

/** A port without a protocol is the one of TCP. */
function stepOf(item: Json, keys: readonly string[]): string {
  const map = isMap(item) ? item : {}
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, map[key] ?? (key === 'protocol' ? 'TCP' : null)])))
}

function matches(item: Json, step: string): boolean {
  if (step.startsWith('=')) return `=${JSON.stringify(item)}` === step
  return step.startsWith('{') && stepOf(item, Object.keys(JSON.parse(step) as object)) === step
}

/** A new item holds its keys at once, so that the next leaf finds it; the protocol only where somebody writes it. */
const keysIn = (step: string): JsonMap => {
  const { protocol: _protocol, ...keys } = JSON.parse(step) as JsonMap
  return keys
}
