import { figure, type Benchmark, type Result } from '../benchmark.ts'
import type { Contender, Scored } from '../contender.ts'
import { listPublished, loadNab, readPublishedScores, type NabSeries } from './load.ts'
import { computeWorths, findBestThreshold, profiles, scoreAt, type Profile } from './score.ts'

/** The goal: the standard profile on these series, with the best single threshold. */
export const goal = 64

interface Judged extends NabSeries {
  scored: Scored
}

/** The Numenta Anomaly Benchmark with its own scorer. @throws DataFolderInvalid */
export function nabBenchmark(folder: string): Benchmark {
  const corpus = loadNab(folder)
  const windows = corpus.reduce((sum, series) => sum + series.windows.length, 0)
  return {
    name: 'nab',
    title: `NAB: ${corpus.length} series, ${windows} windows; one configuration and one threshold for all of them`,
    columns: ['standard', 'low FP', 'low FN', 'label-free', 'half A', 'half B'],
    notes: [
      'standard, low FP, low FN: the three profiles, each with the best of all thresholds, chosen on the labels. label-free: standard, with the contender\'s own boundary.',
      'half A: every second series by name, from the first on, with the threshold that is best for it. half B: the others, with the threshold of half A.',
      `must: ${goal} (standard). 0 is who flags nothing, 100 who finds every window at its start and flags nothing else.`,
    ],
    references: listPublished(folder).map((detector) => publishedContender(folder, detector)),
    run: async (contender) => {
      const judged: Judged[] = []
      for (const one of corpus) judged.push({ ...one, scored: await contender.score(one.series) })
      return summarise(contender, judged)
    },
  }
}

/** The detectors whose scores lie in `nab/results`, row by row, as contenders: what the scorer is checked against. */
function publishedContender(folder: string, detector: string): Contender {
  return {
    name: `${detector} (published)`,
    version: 'as published',
    kind: 'peer',
    score: async ({ name }) => ({ scores: readPublishedScores(folder, detector, name), flags: undefined }),
  }
}

function summarise({ name, kind }: Contender, judged: readonly Judged[]): Result {
  const standard = profiles[0]!
  const all = byScore(judged)
  const [best, lowFP, lowFN] = profiles.map((profile) => findBestThreshold(all.rows, all.windows, profile)) as [{ score: number; threshold: number }, { score: number }, { score: number }]
  const flags = byFlag(judged)
  const labelFree = flags === undefined ? undefined : scoreAt(flags.rows, flags.windows, standard, 1)
  const halves = compareHalves(judged, standard)
  const missed = kind === 'model' && best.score < goal ? [`NAB standard ${best.score.toFixed(1)} < ${goal}`] : []
  return {
    contender: name,
    rows: [[best.score, lowFP.score, lowFN.score, labelFree, halves.tuned, halves.heldBack].map((value) => figure(value, 2))],
    json: { standard: best.score, rewardLowFP: lowFP.score, rewardLowFN: lowFN.score, labelFree: labelFree ?? null, threshold: best.threshold, halves },
    missed,
    details: describeLosses(judged, standard, best.threshold),
  }
}

const byScore = (judged: readonly Judged[]) => computeWorths(judged.map(({ scored, windows }) => ({ scores: scored.scores, windows })))

function byFlag(judged: readonly Judged[]) {
  const flagged = judged.map(({ scored, windows }) => (scored.flags === undefined ? undefined : { scores: Float64Array.from(scored.flags), windows }))
  return flagged.every((one) => one !== undefined) ? computeWorths(flagged) : undefined
}

function compareHalves(judged: readonly Judged[], profile: Profile): { tuned: number; heldBack: number } {
  const [a, b] = [0, 1].map((half) => byScore(judged.filter((_, i) => i % 2 === half))) as [ReturnType<typeof byScore>, ReturnType<typeof byScore>]
  const { score, threshold } = findBestThreshold(a.rows, a.windows, profile)
  return { tuned: score, heldBack: scoreAt(b.rows, b.windows, profile, threshold) }
}

/** What each series cost, the dearest first, in points of the whole corpus: missed or late windows, and false alarms. */
function describeLosses(judged: readonly Judged[], profile: Profile, threshold: number): string[] {
  const windows = judged.reduce((sum, one) => sum + one.windows.length, 0)
  const points = 100 / (windows * (profile.found + profile.missed))
  const losses = judged.map((one) => {
    const { rows } = byScore([one])
    const flagged = rows.filter(({ score }) => score >= threshold)
    const falseAlarms = flagged.filter(({ window }) => window < 0)
    const found = one.windows.map((_, window) => Math.max(0, ...flagged.filter((row) => row.window === window).map(({ worth }) => worth)))
    const missed = found.filter((worth) => worth === 0).length
    const late = found.reduce((sum, worth) => sum + (worth === 0 ? 0 : profile.found * (1 - worth)), 0)
    const alarms = -profile.falseAlarm * falseAlarms.reduce((sum, { worth }) => sum + worth, 0)
    return { name: one.series.name, windows: one.windows.length, missed, late: points * late, falseAlarms: falseAlarms.length, alarms: points * alarms, total: points * (missed * (profile.found + profile.missed) + late + alarms) }
  })
  return losses
    .sort((x, y) => y.total - x.total)
    .map((loss) => `${loss.total.toFixed(2).padStart(6)} points  ${loss.name}: ${loss.missed} of ${loss.windows} windows missed, ${loss.late.toFixed(2)} for being late, ${loss.alarms.toFixed(2)} for ${loss.falseAlarms} rows flagged outside`)
}
