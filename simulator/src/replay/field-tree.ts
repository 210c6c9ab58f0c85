import { RecordingInvalid } from '../errors.ts'

/** A message cut up: fixed JSON text, and columns whose value stands there. */
export type MessagePart = string | { column: string }

type Node = { column: string } | { object: Map<string | number, Node> } | { array: Map<string | number, Node> }

const segmentPattern = /\.([A-Za-z_][A-Za-z0-9_]*)|\['([^'\]]+)'\]|\[(\d+)\]/g

/** More would make a message of nothing but nulls out of a slip of the finger. */
const largestIndex = 1_000

/**
 * Builds the message that puts each column at its JSON path: `{t: '$.timestamp', v: '$.values[1]'}` gives
 * `{"timestamp":<t>,"values":[null,<v>]}`.
 *
 * @throws RecordingInvalid when two paths cannot both be in one message.
 */
export function buildFieldTree(fields: Readonly<Record<string, string>>): MessagePart[] {
  const root: Node = { object: new Map() }
  for (const [column, path] of Object.entries(fields)) place(root, parsePath(path), column, path)
  const parts: MessagePart[] = []
  write(root, parts)
  return merge(parts)
}

/** `$.a['b c'][0]` is a, b c, 0. */
function parsePath(path: string): (string | number)[] {
  return Array.from(path.matchAll(segmentPattern), ([, name, quoted, index]) => (index === undefined ? (name ?? quoted ?? '') : Number(index)))
}

function place(root: Node, segments: (string | number)[], column: string, path: string): void {
  const conflict = () => new RecordingInvalid(`Column "${column}" cannot go to ${path}: another column is in its way`)
  let node = root
  segments.forEach((segment, depth) => {
    const next = segments[depth + 1]
    const fresh = (): Node => (next === undefined ? { column } : typeof next === 'number' ? { array: new Map() } : { object: new Map() })
    const children = childrenFor(node, segment)
    if (children === undefined) throw conflict()
    const known = children.get(segment)
    if (next === undefined && known !== undefined) throw conflict()
    const child = known ?? fresh()
    children.set(segment, child)
    node = child
  })
}

/** Undefined where the node cannot have such a child. */
function childrenFor(node: Node, segment: string | number): Map<string | number, Node> | undefined {
  if (typeof segment === 'string') return 'object' in node ? node.object : undefined
  return 'array' in node && segment <= largestIndex ? node.array : undefined
}

function write(node: Node, parts: MessagePart[]): void {
  if ('column' in node) {
    parts.push({ column: node.column })
  } else if ('object' in node) {
    let separator = '{'
    for (const [name, child] of node.object) {
      parts.push(`${separator}${JSON.stringify(String(name))}:`)
      write(child, parts)
      separator = ','
    }
    parts.push('}')
  } else {
    const last = Math.max(...[...node.array.keys()].map(Number))
    for (let index = 0; index <= last; index++) {
      parts.push(index === 0 ? '[' : ',')
      const child = node.array.get(index)
      if (child === undefined) parts.push('null')
      else write(child, parts)
    }
    parts.push(']')
  }
}

function merge(parts: readonly MessagePart[]): MessagePart[] {
  const merged: MessagePart[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part
    else merged.push(part)
  }
  return merged
}
