import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadNab, readPublishedScores } from './load.ts'
import { computeWorths, findBestThreshold, profiles } from './score.ts'

const folder = process.env['TIDEWATCH_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const data = `${folder}/data`
const isThere = existsSync(`${data}/nab/results`)

test.skipIf(!isThere).each([
  ['windowedGaussian', [41.4243, 26.4769, 48.4495]],
  ['randomCutForest', [59.3967, 49.1001, 65.8559]],
])(`the published scores of %s give its published figures on these series${isThere ? '' : ` [NOT CHECKED: ${data}/nab/results is absent]`}`, (detector, expected) => {
  const corpus = loadNab(data).map(({ series, windows }) => ({ scores: readPublishedScores(data, detector, series.name), windows }))
  const { rows, windows } = computeWorths(corpus)
  expect(profiles.map((profile) => Number(findBestThreshold(rows, windows, profile).score.toFixed(4)))).toEqual(expected)
})
