import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeHeap } from './heap.ts'

test('gives back what was put in, earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (times) => {
      const heap = new TimeHeap<number>()
      for (const time of times) heap.push(time, time)
      const out: number[] = []
      while (heap.size > 0) {
        expect(heap.nextMs).toBe(Math.min(...times.slice().sort((a, b) => a - b).slice(out.length)))
        out.push(heap.pop()!)
      }
      expect(out).toEqual([...times].sort((a, b) => a - b))
      expect(heap.nextMs).toBe(Infinity)
      expect(heap.pop()).toBeUndefined()
    }),
  )
})
