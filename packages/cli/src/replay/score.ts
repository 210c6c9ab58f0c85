import type { Span } from './labels.ts'

/** What was found in one recording, held against its labels. */
export interface RecordingScore {
  file: string
  readings: number
  /** Windows that the labels name. */
  labelled: number
  /** Those in which at least one reading was flagged. */
  found: number
  /** Flagged readings outside of them, counted as episodes. */
  falseAlarms: number
  /** Flagged readings (or windows) in all. */
  flagged: number
  /** True when there were labels to hold it against. */
  isLabelled: boolean
}

/** Flagged readings this many rows apart are one episode: a person is called once. */
const episodeRows = 10

/**
 * Holds alarms against labels.
 *
 * @param alarms what was flagged: the span of event time that each verdict covers.
 * @param intervalMs typical time between two rows.
 */
export function scoreRecording(file: string, readings: number, labels: readonly Span[] | undefined, alarms: readonly Span[], intervalMs: number): RecordingScore {
  const touches = (a: Span, b: Span) => a.startMs <= b.endMs && a.endMs >= b.startMs
  const spans = labels ?? []
  const outside = alarms.filter((alarm) => !spans.some((span) => touches(alarm, span))).sort((a, b) => a.startMs - b.startMs)
  return {
    file,
    readings,
    labelled: spans.length,
    found: spans.filter((span) => alarms.some((alarm) => touches(alarm, span))).length,
    falseAlarms: countEpisodes(outside, intervalMs * episodeRows),
    flagged: alarms.length,
    isLabelled: labels !== undefined,
  }
}

function countEpisodes(alarms: readonly Span[], gapMs: number): number {
  let episodes = 0
  let endMs = -Infinity
  for (const alarm of alarms) {
    if (alarm.startMs - endMs > gapMs) episodes++
    endMs = Math.max(endMs, alarm.endMs)
  }
  return episodes
}

/** All recordings as one. */
export function totalScore(scores: readonly RecordingScore[]): RecordingScore {
  const sum = (read: (score: RecordingScore) => number) => scores.reduce((total, score) => total + read(score), 0)
  return {
    file: `${scores.length} recordings`,
    readings: sum((score) => score.readings),
    labelled: sum((score) => score.labelled),
    found: sum((score) => score.found),
    falseAlarms: sum((score) => score.falseAlarms),
    flagged: sum((score) => score.flagged),
    isLabelled: scores.some((score) => score.isLabelled),
  }
}
