import { parsePath } from './json-path.ts'

/** An object of a record of which something is wanted. */
export interface FieldNode {
  /** Names of fields that are wanted, or that hold something wanted. */
  names: Uint8Array[]
  /** For each name where it leads: to a field, or on into an object, with the number in which it is noted that it was met. */
  children: { field: number; node: FieldNode | undefined }[]
}

export interface FieldTree {
  root: FieldNode
  /** How many fields and objects have a number. */
  size: number
  /** The number of each path's field. */
  fieldOf(path: string): number
}

/**
 * Brings the paths that a mapping names into one tree, so that one pass over a record finds all of them.
 *
 * @returns undefined for what a scanner does not read: elements of lists, names beyond ASCII, an object that is wanted as a whole.
 */
export function planFields(paths: readonly string[]): FieldTree | undefined {
  const root: FieldNode = { names: [], children: [] }
  const fields = new Map<string, number>()
  let size = 0
  for (const path of paths) {
    if (fields.has(path)) continue
    const segments = parsePath(path)
    let node = root
    for (const [depth, segment] of segments.entries()) {
      if (typeof segment !== 'string' || !/^[ -~]+$/.test(segment)) return undefined
      const isField = depth === segments.length - 1
      const name = Buffer.from(segment)
      let at = node.names.findIndex((known) => name.equals(known))
      if (at < 0) {
        at = node.names.push(name) - 1
        node.children.push({ field: size++, node: isField ? undefined : { names: [], children: [] } })
      }
      const child = node.children[at]!
      if (isField !== (child.node === undefined)) return undefined
      if (child.node === undefined) fields.set(path, child.field)
      else node = child.node
    }
  }
  return { root, size, fieldOf: (path) => fields.get(path)! }
}
