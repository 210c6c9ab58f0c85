import { formatCount } from '../live/format.ts'
import { plain, type Palette } from '../manifests/diagnostic.ts'
import { totalScore, type RecordingScore } from './score.ts'

const mostNameWidth = 42

/** What a replay found, recording by recording. */
export function renderScores(all: readonly RecordingScore[], palette: Palette = plain): string {
  const folder = commonFolder(all.map(({ file }) => file))
  const scores = all.map((score) => ({ ...score, file: score.file.slice(folder.length) }))
  const width = Math.min(mostNameWidth, Math.max(14, ...scores.map(({ file }) => file.length)))
  const row = (name: string, ...cells: string[]) => `${clipStart(name, width).padEnd(width)}${cells.map((cell) => cell.padStart(13)).join('')}`
  const describe = ({ file, readings, labelled, found, falseAlarms, flagged, isLabelled }: RecordingScore) =>
    row(file, formatCount(readings), isLabelled ? formatCount(labelled) : '-', isLabelled ? formatCount(found) : '-', formatCount(falseAlarms), formatCount(flagged))
  const total = totalScore(scores)
  const lines = [palette.dim(row(folder === '' ? 'recording' : `in ${folder}`, 'readings', 'labelled', 'found', 'false alarms', 'flagged')), ...scores.map(describe)]
  if (scores.length > 1) lines.push(palette.bold(describe(total)))
  const unlabelled = scores.filter(({ isLabelled }) => !isLabelled).length
  if (unlabelled > 0) lines.push(palette.dim(`${unlabelled} of ${scores.length} recordings have no labels; everything flagged in them counts as a false alarm.`))
  lines.push(palette.dim('A false alarm is an episode: flagged readings at most ten rows apart, outside of every labelled window.'))
  return lines.join('\n')
}

/** What all paths begin with, up to a slash. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  const parts = first.split('/').slice(0, -1)
  while (parts.length > 0 && !others.every((path) => path.startsWith(`${parts.join('/')}/`))) parts.pop()
  return parts.length === 0 ? '' : `${parts.join('/')}/`
}

/** Of a long path the end tells more. */
function clipStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`
}
