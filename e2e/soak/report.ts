import type { Finding } from './bounds.ts'
import type { Sample } from './sample.ts'

const widths = [6, 9, 11, 9, 8, 7, 8, 13, 10, 8, 10]
const row = (cells: readonly string[]): string => cells.map((cell, i) => cell.padStart(widths[i]!)).join('')

/** The names above the samples. */
export const sampleHead = row(['s', 'heap MiB', 'buffer MiB', 'RSS MiB', 'sockets', 'timers', 'handles', 'records', 'judged', 'lag', 'state MiB'])

export function formatSample({ atMs, heapMib, bufferMib, residentMib, sockets, timers, resources, records, windowsJudged, lag, stateMib }: Sample): string {
  const counts = [sockets, timers, resources, records, windowsJudged, lag].map((count) => count.toLocaleString('en'))
  return row([(atMs / 1_000).toFixed(0), heapMib.toFixed(1), bufferMib.toFixed(1), residentMib.toFixed(0), ...counts, stateMib.toFixed(1)])
}

/** The table of bounds, and in its last line whether all were kept. */
export function formatFindings(findings: readonly Finding[]): string {
  const lines = findings.map(({ what, measured, unit, bound, isKept }) => `${what.padEnd(38)}${measured.toFixed(2).padStart(9)} ${unit.padEnd(8)} at most ${String(bound).padStart(3)}   ${isKept ? 'kept' : 'BROKEN'}`)
  const broken = findings.filter(({ isKept }) => !isKept).length
  return [...lines, broken === 0 ? 'all bounds kept' : `${broken} of ${findings.length} bounds broken`].join('\n')
}
