import { plain, type Palette } from '../manifests/diagnostic.ts'
import type { Anomaly } from '../run/anomaly.ts'
import { clip, formatCauses, formatClock, formatCount, formatReasons, formatScore, formatShare, formatShort, formatTimeOfDay, formatTruth } from './format.ts'
import type { LiveView, PipelineView } from './view.ts'

export interface FrameOptions {
  columns: number
  rows: number
  palette?: Palette
}

/** Lines of pipelines shown before the rest is only counted. */
const mostPipelines = 4
const labelWidth = 11

/** Draws the live table: always the same lines at the same places, none longer than the terminal is wide. */
export function renderFrame(view: LiveView, { columns, rows, palette = plain }: FrameOptions): string {
  const width = Math.max(40, columns)
  const head = [
    drawTitle(view, width, palette),
    drawFlow(view, width),
    drawFindings(view, width),
    drawRefused(view, width),
    drawAccuracy(view, width),
    '',
    ...drawPipelines(view.pipelines, width, palette),
    '',
  ]
  const notices = view.notices.slice(0, 2).map((notice) => palette.yellow(clip(notice, width)))
  const foot = [...notices, palette.dim('Ctrl-C stops')]
  // The terminal's last line stays empty, for the cursor.
  const room = Math.max(1, Math.min(8, rows - head.length - foot.length - 2))
  return [...head, ...drawAnomalies(view.latest.slice(0, room), room, width, palette), ...foot].join('\n')
}

function drawTitle({ phase, elapsedMs, totalMs }: LiveView, width: number, palette: Palette): string {
  const clock = `${phase}  ${formatClock(elapsedMs)}${totalMs === undefined ? '' : ` / ${formatClock(totalMs)}`}`
  const name = 'tidewatch up'
  return `${palette.bold(name)}${clip(clock, width - name.length - 1).padStart(width - name.length)}`
}

function drawFlow({ sent, processed, pipelines }: LiveView, width: number): string {
  const lags = pipelines.map(({ lag }) => lag)
  const lag = lags.includes(undefined) ? '?' : formatCount(lags.reduce<number>((sum, one) => sum + (one ?? 0), 0))
  const flow = (name: string, { total, perSecond }: { total: number; perSecond: number }) => `${name} ${formatCount(total)} (${formatCount(perSecond)}/s)`
  return line('readings', [...(sent === undefined ? [] : [flow('sent', sent)]), flow('processed', processed), `lag ${lag}`], width)
}

function drawFindings({ windows, anomalies }: LiveView, width: number): string {
  return line('found', [`${formatCount(anomalies)} anomalies in ${formatCount(windows)} windows`], width)
}

function drawRefused({ late, deadLetters }: LiveView, width: number): string {
  return line('put aside', [`late ${formatCount(late)}`, `dead letters ${formatReasons(deadLetters)}`], width)
}

function drawAccuracy({ accuracy }: LiveView, width: number): string {
  if (accuracy === undefined) return line('truth', ['no labelled fault so far'], width)
  const { precision, recall, incidents, detected } = accuracy
  return line('truth', [`precision ${formatShare(precision)}`, `recall ${formatShare(recall)}`, `${formatCount(detected)} of ${formatCount(incidents)} faults found`], width)
}

function line(label: string, parts: string[], width: number): string {
  return clip(`${label.padEnd(labelWidth)}${parts.join('   ')}`, width)
}

function drawPipelines(pipelines: readonly PipelineView[], width: number, palette: Palette): string[] {
  const longest = Math.max(8, ...pipelines.map(({ name }) => name.length))
  const nameWidth = Math.min(longest, Math.max(16, width - 64))
  const row = (name: string, model: string, window: string, lag: string, open: string, keys: string, detectors: string) =>
    clip(`${clip(name, nameWidth).padEnd(nameWidth)} ${clip(model, 13).padEnd(13)} ${clip(window, 11).padEnd(11)} ${lag.padStart(7)} ${open.padStart(7)}  ${keys.padEnd(16)} ${detectors}`, width).trimEnd()
  const shown = pipelines.slice(0, mostPipelines).map(({ name, model, window, lag, openWindows, keys, detectors }) =>
    row(
      name,
      model,
      window,
      lag === undefined ? '?' : formatShort(lag),
      formatShort(openWindows),
      formatWarming(keys),
      detectors.running === detectors.wanted ? String(detectors.running) : `${detectors.running}/${detectors.wanted}`,
    ),
  )
  const rest = pipelines.length - shown.length
  const header = palette.dim(row('pipeline', 'detector', 'window', 'lag', 'open', 'keys judged', 'run'))
  return [header, ...shown, ...(rest > 0 ? [palette.dim(`and ${rest} more`)] : [])]
}

/** How many group keys are judged, of how many, while some are not. */
function formatWarming({ warming, active }: PipelineView['keys']): string {
  return warming === 0 ? formatShort(active) : `Warming ${formatShort(active)}/${formatShort(warming + active)}`
}

function drawAnomalies(latest: readonly Anomaly[], room: number, width: number, palette: Palette): string[] {
  const columns = { time: 8, device: 10, metric: 15, score: 11, truth: 6 }
  const causesWidth = Math.max(8, width - columns.time - columns.device - columns.metric - columns.score - columns.truth - 5)
  const row = (time: string, device: string, metric: string, score: string, causes: string, truth: string) => {
    const cells = [
      time.padEnd(columns.time),
      clip(device, columns.device).padEnd(columns.device),
      clip(metric, columns.metric).padEnd(columns.metric),
      score.padEnd(columns.score),
      causes.padEnd(causesWidth),
      clip(truth, columns.truth),
    ]
    return clip(cells.join(' ').trimEnd(), width)
  }
  const rows = latest.map((anomaly) => {
    const score = formatScore(anomaly)
    const text = row(formatTimeOfDay(anomaly.windowEnd), anomaly.device, anomaly.metric, clip(score, columns.score), formatCauses(anomaly, causesWidth), formatTruth(anomaly))
    return anomaly.truth.length > 0 ? text : palette.yellow(text)
  })
  const empty = Array.from({ length: room - rows.length }, () => '')
  return [palette.dim(row('time UTC', 'device', 'metric', 'score/limit', 'because', 'truth')), ...rows, ...empty]
}
