import { isCollection, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml'
import type { Position } from './diagnostic.ts'

/**
 * Where in the text a path of the document lies: at a scalar's value, at the key of anything larger or of a
 * field that should not be there, and for a missing field at its nearest parent that exists.
 */
export function locate(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[], wanted: 'value' | 'key' = 'value'): Position {
  let node: unknown = document.contents
  let place: number | undefined = startOf(node)
  for (const [depth, segment] of path.entries()) {
    const isLast = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment))
      if (pair === undefined) break
      const keyAt = startOf(pair.key)
      node = pair.value
      place = (isLast && wanted === 'value' && !isBlockCollection(node) ? startOf(node) : undefined) ?? keyAt ?? place
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)]
      if (item === undefined) break
      node = item
      place = startOf(node) ?? place
    } else break
  }
  const { line, col } = lines.linePos(place ?? 0)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** A block collection begins on the line below its key; the key is where the eye looks for it. */
function isBlockCollection(node: unknown): boolean {
  return isCollection(node) && node.flow !== true
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}
