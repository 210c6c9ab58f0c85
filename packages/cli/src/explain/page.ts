import { formatCount, formatMs, formatValue } from '../live/format.ts'
import type { Palette } from '../manifests/diagnostic.ts'
import { refusals, type Explanation } from './explanation.ts'
import type { FoundVerdict } from './find-verdict.ts'
import type { Replayed } from './replay.ts'
import { bitsOf, deviceOf, windowOf } from './verdict-text.ts'

/** The explanation for people. */
export function renderPage(id: string, explanation: Explanation, palette: Palette): string {
  const { found, beginning, replayed } = explanation
  const lines = found === undefined ? [] : [...describeVerdict(found, palette), '', ...describeFeatures(found), '', ...describeReadings(found, replayed)]
  if (beginning !== undefined && replayed !== undefined) {
    const from = beginning.kind === 'checkpoint' ? `the checkpoint at offset ${beginning.offset}` : "the log's beginning"
    lines.push(line('replayed', `${formatCount(replayed.records)} records from ${from} on; the window ${describeClosing(replayed)}`))
  }
  return [...lines, ...(lines.length > 0 ? [''] : []), ...conclude(id, explanation, palette)].join('\n')
}

const line = (name: string, text: string): string => `${name.padEnd(12)}${text}`

function describeVerdict({ verdict, topic, partition, offset, timestampMs }: FoundVerdict, palette: Palette): string[] {
  const { startMs, endMs } = windowOf(verdict)
  const what = verdict.is_anomaly ? 'Anomaly' : 'Verdict'
  const of = `${deviceOf(verdict)}${verdict.metric === null ? '' : `, ${verdict.metric}`}`
  const extent = startMs === endMs ? `${verdict.window_start} (a reading by itself)` : `${verdict.window_start} to ${verdict.window_end} (${formatMs(endMs - startMs)})`
  return [
    palette.bold(`${what} ${verdict.id} of ${of}`),
    line('window', extent),
    line('score', `${verdict.anomaly_score}, threshold ${verdict.threshold ?? 'not known yet'}: ${describeOutcome(verdict)}`),
    line('model', `${verdict.model.kind}, generation ${verdict.model.generation}`),
    line('written', `${topic}/${partition}, offset ${offset}, ${new Date(timestampMs).toISOString()}`),
  ]
}

function describeOutcome({ is_anomaly: isAnomaly, held_back: heldBack }: FoundVerdict['verdict']): string {
  if (isAnomaly) return 'an anomaly'
  return heldBack === undefined ? 'normal' : `above it, and held back by ${heldBack}`
}

/** Every feature, the one with the largest part first. */
function describeFeatures({ verdict: { features, contributions, expected } }: FoundVerdict): string[] {
  const rows = Object.entries(features)
    .map(([feature, value]) => ({ feature, value: String(value), expected: expected?.[feature] === undefined ? '-' : formatValue(expected[feature]), part: contributions[feature] ?? 0 }))
    .sort((a, b) => b.part - a.part)
  const width = (column: 'feature' | 'value' | 'expected') => Math.max(column.length, ...rows.map((row) => row[column].length)) + 2
  const [feature, value, expectedWidth] = [width('feature'), width('value'), width('expected')]
  return [
    `${'feature'.padEnd(feature)}${'value'.padEnd(value)}${'expected'.padEnd(expectedWidth)}part of the score`,
    ...rows.map((row) => `${row.feature.padEnd(feature)}${row.value.padEnd(value)}${row.expected.padEnd(expectedWidth)}${(row.part * 100).toFixed(1)} %`),
  ]
}

function describeReadings({ verdict: { offsets } }: FoundVerdict, replayed: Replayed | undefined): string[] {
  const where = `${offsets.topic}/${offsets.partition}, offsets ${offsets.first} to ${offsets.last}`
  const time = (ms: number) => new Date(ms).toISOString()
  const rows = replayed?.readings ?? []
  if (rows.length === 0) return [line('readings', where)]
  return rows.map(({ metric, count, firstOffset, lastOffset, firstMs, lastMs }, i) =>
    line(i === 0 ? 'readings' : '', `${metric}: ${formatCount(count)} in ${offsets.topic}/${offsets.partition}, offsets ${firstOffset} to ${lastOffset}, ${time(firstMs)} to ${time(lastMs)}`))
}

function describeClosing({ outcome, closedBy }: Replayed): string {
  if (outcome === 'open') return 'stays open'
  return closedBy === undefined ? 'was closed by the clock, in silence' : `was closed by record ${closedBy.offset}`
}

function conclude(id: string, explanation: Explanation, { red, green, yellow }: Palette): string[] {
  if (explanation.kind === 'refused') return [yellow(`cannot be proved: ${explanation.reason}`), `${refusals[explanation.reason]} ${explanation.message}.`]
  const { found, replayed } = explanation
  const written = found.verdict.anomaly_score
  const told = (score: number) => `${score} (${bitsOf(score)})`
  if (explanation.kind === 'reproduced') return [green('reproduced to the bit: yes'), line('written', told(written)), line('replayed', told(explanation.replayed.verdict.anomaly_score))]
  const again = replayed.verdict === undefined ? `no verdict: the window is ${replayed.outcome}` : told(replayed.verdict.anomaly_score)
  return [
    red(`reproduced to the bit: no (${explanation.changes.join(', ')})`),
    line('written', told(written)),
    line('replayed', again),
    `${id} does not follow from its records and this manifest: models were begun anew in between (see the detectors' logs for «starts fresh»), or the manifest is not the one of then.`,
  ]
}
