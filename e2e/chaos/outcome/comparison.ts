/** What one output topic holds against what it should hold. Counts of records. */
export interface Comparison {
  expected: number
  found: number
  /** Expected and not there. */
  lost: number
  /** There once more than expected. */
  repeated: number
  /** There under the id of an expected one, with another content. */
  changed: number
  /** There, and no such record was expected. */
  unexpected: number
}

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)

function countOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** Compares records as wholes: how often each is there, in whatever order. */
export function compareRecords(expected: Iterable<string>, found: Iterable<string>): Comparison {
  const wanted = countOf(expected)
  const there = countOf(found)
  let lost = 0
  let repeated = 0
  let unexpected = 0
  for (const [value, count] of wanted) lost += Math.max(0, count - (there.get(value) ?? 0))
  for (const [value, count] of there) {
    const allowed = wanted.get(value)
    if (allowed === undefined) unexpected += count
    else repeated += Math.max(0, count - allowed)
  }
  return { expected: total(wanted), found: total(there), lost, repeated, changed: 0, unexpected }
}

/**
 * Compares verdicts by their ids, which are unique among the expected ones: a verdict with another score is changed, not lost.
 *
 * @throws where two expected verdicts share an id: then nothing could be told by it.
 */
export function compareVerdicts(expected: Iterable<string>, found: Iterable<string>): Comparison {
  const wanted = new Map<string, string>()
  for (const one of expected) {
    const id = idOf(one)
    if (wanted.has(id)) throw new Error(`Two expected verdicts have the id ${id}: the recording cannot tell one from the other`)
    wanted.set(id, one)
  }
  const result: Comparison = { expected: wanted.size, found: 0, lost: 0, repeated: 0, changed: 0, unexpected: 0 }
  const seen = new Set<string>()
  for (const one of found) {
    const id = idOf(one)
    const right = wanted.get(id)
    result.found++
    if (right === undefined) result.unexpected++
    else if (right !== one) result.changed++
    if (right !== undefined && seen.has(id)) result.repeated++
    seen.add(id)
  }
  for (const id of wanted.keys()) if (!seen.has(id)) result.lost++
  return result
}

function idOf(verdict: string): string {
  const { id } = JSON.parse(verdict) as { id?: unknown }
  if (typeof id !== 'string') throw new Error(`A verdict has no id: ${verdict.slice(0, 200)}`)
  return id
}
