import { expect, test } from 'vitest'
import { TtlCache } from './ttl-cache.ts'

test('an answer holds until its time', () => {
  const cache = new TtlCache<number>(10)
  cache.write('a', 1, 100)
  expect([cache.read('a', 99), cache.read('a', 100), cache.size]).toEqual([1, undefined, 0])
})

test('the oldest goes when there are too many; writing again makes young', () => {
  const cache = new TtlCache<number>(2)
  cache.write('a', 1, 100)
  cache.write('b', 2, 100)
  cache.write('a', 3, 100)
  cache.write('c', 4, 100)
  expect([cache.read('a', 0), cache.read('b', 0), cache.read('c', 0)]).toEqual([3, undefined, 4])
})
