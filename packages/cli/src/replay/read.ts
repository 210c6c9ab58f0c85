import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { FileUnreadable, unreadable } from '../manifests/read.ts'
import { RecordingUnreadable, resolveColumns, type ColumnChoices } from './columns.ts'
import { findSpans, labelFileCandidates, scanRecording, type Span } from './labels.ts'
import type { Recording } from './plan.ts'

/**
 * Reads a recording's header, times and labels.
 *
 * @param labelFile a file of labels named by the user; it must speak of the recording.
 * @throws FileUnreadable, RecordingUnreadable
 */
export function readRecording(file: string, choices: ColumnChoices, labelFile: string | undefined): Recording {
  const path = resolve(file)
  const lines = readText(file).split(/\r?\n/)
  const [header = '', firstRow = ''] = lines
  if (firstRow.trim() === '') throw new RecordingUnreadable(`${file}: a recording has a header and at least one row`)
  const columns = resolveColumns(file, header, firstRow, choices)
  const { rows, spans, intervalMs } = scanRecording(lines.slice(1), columns)
  return { file, path, columns, rows, intervalMs, labels: findLabels(file, path, labelFile) ?? (columns.label === undefined ? undefined : spans) }
}

function findLabels(file: string, path: string, labelFile: string | undefined): Span[] | undefined {
  if (labelFile !== undefined) {
    const spans = findSpans(readJson(labelFile), path)
    if (spans === undefined) throw new RecordingUnreadable(`${labelFile} says nothing of ${file}: its keys are "folder/file" or "file"`)
    return spans
  }
  for (const candidate of labelFileCandidates(path)) {
    if (!existsSync(candidate)) continue
    const spans = findSpans(readJson(candidate), path)
    if (spans !== undefined) return spans
  }
  return undefined
}

function readJson(file: string): unknown {
  const text = readText(file)
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new FileUnreadable(`${file}: this is not JSON`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new FileUnreadable(unreadable(file, error), { cause: error })
  }
}
