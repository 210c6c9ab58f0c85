import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { TimeDecayedSampler } from './time-decayed-sampler.ts'

/** The sample after vectors 0 ... count - 1, where a leaf is its vector's number. */
function sample(count: number, capacity: number, decay: number, seed: number, weightOf: (time: number) => number = () => 1): number[] {
  const sampler = new TimeDecayedSampler(capacity, decay)
  const uniform = mulberry32(seed)
  for (let time = 0; time < count; time++) {
    if (!sampler.accepts(time, weightOf(time), uniform)) continue
    if (sampler.isFull) sampler.evict()
    sampler.add(time)
  }
  return Array.from({ length: sampler.size }, (_, place) => sampler.leafAt(place))
}

describe('the time-decayed sampler', () => {
  test('takes everything until it is full, and then stays full', () => {
    expect(sample(7, 8, 0.1, 1).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(sample(500, 8, 0.1, 1)).toHaveLength(8)
  })

  test('without decay every vector is as likely as any other', () => {
    const counts = new Array<number>(40).fill(0)
    for (let seed = 0; seed < 2000; seed++) for (const time of sample(40, 10, 0, seed)) counts[time]!++
    // 500 expected, sd 19.4 each.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100)
  })

  test('with decay the age of what is kept is on average 1/decay', () => {
    let sum = 0
    for (let seed = 0; seed < 400; seed++) for (const time of sample(2000, 5, 0.01, seed)) sum += 1999 - time
    expect(sum / 2000).toBeGreaterThan(90)
    expect(sum / 2000).toBeLessThan(115)
  })

  test('a vector of weight 0.1 is kept a tenth as often', () => {
    let light = 0
    let all = 0
    for (let seed = 0; seed < 400; seed++) {
      for (const time of sample(1000, 10, 0, seed, (t) => (t % 2 === 0 ? 1 : 0.1))) {
        all++
        if (time % 2 === 1) light++
      }
    }
    expect(light / all).toBeGreaterThan(0.075)
    expect(light / all).toBeLessThan(0.108)
  })

  test('gives out the largest weight first, also after being read back in its own order', () => {
    const sampler = new TimeDecayedSampler(64, 0)
    const uniform = mulberry32(5)
    for (let leaf = 0; leaf < 64; leaf++) {
      sampler.accepts(leaf, 1, uniform)
      sampler.add(leaf)
    }
    const copy = new TimeDecayedSampler(64, 0)
    const weights = new Map<number, number>()
    for (let place = 0; place < 64; place++) {
      copy.load(sampler.leafAt(place), sampler.weightAt(place))
      weights.set(sampler.leafAt(place), sampler.weightAt(place))
    }
    const order = [...weights.keys()].sort((a, b) => weights.get(b)! - weights.get(a)!)
    expect(order.map(() => sampler.evict())).toEqual(order)
    expect(order.map(() => copy.evict())).toEqual(order)
  })
})
