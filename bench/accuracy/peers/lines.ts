import type { Scored, Series } from '../contender.ts'

/** What a peer is asked: one line of JSON. Moments and names of columns stay here, since no peer uses them. */
export function buildSeriesLine({ name, training, rows }: Series): string {
  return `${JSON.stringify({ name, training, rows: rows.map((row) => Array.from(row)) })}\n`
}

/**
 * What it answers: `{"name", "scores": [number | null], "flags": [0 | 1] | null, "seconds": number}` (the last may be missing), or `{"name", "error"}`.
 *
 * @throws Error naming peer and series: the peer could not score it, or its answer does not belong to the series.
 */
export function parseAnswerLine(line: string, peer: string, series: Series): Scored {
  const answer = parseObject(line, peer, series)
  if (typeof answer.error === 'string') throw new Error(`${peer} could not score ${series.name}: ${answer.error}`)
  const { scores, flags, seconds } = answer
  const count = series.rows.length
  if (answer.name !== series.name || !isArrayOf(scores, count) || !(flags === null || isArrayOf(flags, count))) {
    throw new Error(`${peer} gave an answer that does not belong to the ${count} rows of ${series.name}: ${line.slice(0, 200)}`)
  }
  return {
    scores: Float64Array.from(scores, (score) => (typeof score === 'number' ? score : NaN)),
    flags: flags === null ? undefined : Uint8Array.from(flags, Number),
    ...(typeof seconds === 'number' && { seconds }),
  }
}

function parseObject(line: string, peer: string, series: Series): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch (cause) {
    throw new Error(`${peer} answered something else than JSON for ${series.name}: ${line.slice(0, 200)}`, { cause })
  }
}

const isArrayOf = (value: unknown, count: number): value is unknown[] => Array.isArray(value) && value.length === count
