import { gaussian, mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import { robustZScore } from './robust-z-score.ts'

checkModel('robustZScore', robustZScore())
checkModel('robustZScore over a short ring', robustZScore({ warmUp: 20, window: 20 }), 20_000)

test('goes on from a full ring that was shorter as if it had begun with its oldest vector', () => {
  const features = [{ name: 'a', scale: 'linear' as const }, { name: 'b', scale: 'linear' as const }]
  const uniform = mulberry32(1)
  const vectors = Array.from({ length: 60 }, () => Float64Array.of(gaussian(uniform), 5 * gaussian(uniform)))
  const short = robustZScore({ warmUp: 8, window: 20 }).create(features, 1)
  const fresh = robustZScore({ warmUp: 8, window: 40 }).create(features, 1)
  vectors.slice(0, 33).forEach((x) => short.learn(x, 1))
  vectors.slice(13, 33).forEach((x) => fresh.learn(x, 1))
  const model = robustZScore({ warmUp: 8, window: 40 }).restore(features, short.snapshot())
  for (const x of vectors.slice(33)) {
    expect(model.score(x)).toEqual(fresh.score(x))
    model.learn(x, 1)
    fresh.learn(x, 1)
  }
})
