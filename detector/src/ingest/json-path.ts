/** Reads one value of a parsed document; undefined where there is none. */
export type PathReader = (document: unknown) => unknown

const segmentPattern = /\.([A-Za-z_][A-Za-z0-9_]*)|\['([^'\]]+)'\]|\[(\d+)\]/gy

/**
 * Compiles a path to one value: `$.device.id`, `$['Protocol Type']`, `$.values[0]`.
 *
 * @throws SyntaxError for anything else.
 */
export function compilePath(path: string): PathReader {
  const [first, ...rest] = parsePath(path)
  if (first === undefined) throw new SyntaxError(`"${path}" is not a path to one value`)
  // Nearly every path has one or two segments; those get a closure without a loop.
  if (rest.length === 0) return (document) => step(document, first)
  const [second] = rest
  if (second !== undefined && rest.length === 1) return (document) => step(step(document, first), second)
  return (document) => rest.reduce((value: unknown, segment) => step(value, segment), step(document, first))
}

/** The names and indices that a path goes through. @throws SyntaxError */
export function parsePath(path: string): (string | number)[] {
  if (!path.startsWith('$')) throw new SyntaxError(`"${path}" is not a path to one value`)
  const segments: (string | number)[] = []
  segmentPattern.lastIndex = 1
  while (segmentPattern.lastIndex < path.length) {
    const match = segmentPattern.exec(path)
    if (match === null) throw new SyntaxError(`"${path}" is not a path to one value`)
    const [, name, quoted, index] = match
    segments.push(name ?? quoted ?? Number(index))
  }
  return segments
}

function step(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const found = (value as Record<string | number, unknown>)[segment]
  // A parsed document holds no functions: this is a member of Object.prototype or Array.prototype.
  return typeof found === 'function' ? undefined : found
}
