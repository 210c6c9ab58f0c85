import { writeFileSync } from 'node:fs'
import { messageOf, type Logger } from '@tidewatch/kit'
import type { SimulationReport } from './runner.ts'

/** Kubernetes keeps 4 KiB of what a container leaves behind, and half a report is none. */
export const maxReportBytes = 4_095
const maxErrorBytes = 1_500
/** Where the labels of a recording go that there is no room for. */
const othersLabel = 'others'

/** The report as JSON of at most `maxReportBytes`: an error is cut, and labels with the fewest records are added up as "others". */
export function formatReport(report: SimulationReport): string {
  const { injected, error, ...rest } = report
  const short = { ...rest, ...(error === undefined ? {} : { error: cutToBytes(error) }) }
  const whole = JSON.stringify({ ...short, injected })
  if (bytesOf(whole) <= maxReportBytes) return whole

  const total = Object.values(injected).reduce((sum, count) => sum + count, 0)
  let left = maxReportBytes - bytesOf(JSON.stringify({ ...short, injected: { [othersLabel]: total } }))
  const kept: Record<string, number> = {}
  let others = 0
  for (const [label, count] of Object.entries(injected).toSorted(([, a], [, b]) => b - a)) {
    left -= bytesOf(JSON.stringify({ [label]: count }))
    if (left < 0 || label === othersLabel) others += count
    else kept[label] = count
  }
  return JSON.stringify({ ...short, injected: { ...kept, [othersLabel]: others } })
}

/** Writes the report; a file that cannot be written is no failure of the run, whose records have arrived, and only logged. */
export function writeReport(file: string, report: SimulationReport, log: Logger): void {
  try {
    writeFileSync(file, formatReport(report))
  } catch (error) {
    log.error({ file, reason: messageOf(error) }, 'Failed to write the report')
  }
}

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** In JSON, where a character may take six bytes. */
function cutToBytes(text: string): string {
  let short = text.slice(0, maxErrorBytes)
  while (bytesOf(JSON.stringify(short)) > maxErrorBytes) short = short.slice(0, Math.floor(short.length * 0.9))
  return short
}
