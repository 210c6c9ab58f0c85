import { describe, expect, test } from 'vitest'
import { BentVector } from '../bent-vector.ts'
import { PastVectors } from './past-vectors.ts'

const curves = BentVector.choose([{ name: 'a', scale: 'linear' }, { name: 'b', scale: 'linear' }], Float64Array.of(0, 0), 1)
const filled = (count: number, isAnomalous: (t: number) => boolean = () => false): PastVectors => {
  const past = new PastVectors(2)
  for (let t = 0; t < count; t++) past.add(Float64Array.of(t, -t), isAnomalous(t))
  return past
}
const column = (past: PastVectors, isBridged = false): number[] => [...past.columns(curves, isBridged)[0]!]
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('PastVectors', () => {
  test.each([1, 127, 128, 129, 1000, 4320])('holds all of %d vectors, oldest first', (count) => {
    expect(filled(count).count).toBe(count)
    expect(column(filled(count))).toEqual(numbers(0, count))
  })

  test('holds the last 4,320 of more, and 30,240 numbers of wide ones', () => {
    expect(column(filled(5000))).toEqual(numbers(680, 5000))
    expect(new PastVectors(6).capacity).toBe(4320)
    expect(new PastVectors(24).capacity).toBe(1209)
    expect(new PastVectors(1000).capacity).toBe(64)
  })

  test.each([100, 4319, 4320, 4321, 6000])('goes on from its state after %d vectors', (count) => {
    const [past, copy] = [filled(count), PastVectors.fromState(2, structuredClone(filled(count).toState()))]
    for (const one of [past, copy]) for (let t = 0; t < 100; t++) one.add(Float64Array.of(9000 + t, 0), t % 3 === 0)
    expect(copy.toState()).toEqual(past.toState())
    expect(column(copy, true)).toEqual(column(past, true))
  })

  test('draws a line over what was anomalous, a level one at the ends', () => {
    expect(column(filled(8, (t) => t === 3 || t === 4), true)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    const past = new PastVectors(2)
    for (const [v, mark] of [[50, true], [1, false], [90, true], [90, true], [4, false], [70, true]] as const) past.add(Float64Array.of(v, 0), mark)
    expect(column(past, true)).toEqual([1, 1, 2, 3, 4, 4])
    expect(column(past)).toEqual([50, 1, 90, 90, 4, 70])
    expect(column(filled(3, () => true), true)).toEqual([0, 1, 2])
  })

  test('is mostly anomalous from three in ten on', () => {
    expect(filled(10, (t) => t < 3).isMostlyAnomalous).toBe(false)
    expect(filled(10, (t) => t < 4).isMostlyAnomalous).toBe(true)
    expect(new PastVectors(2).isMostlyAnomalous).toBe(false)
  })
})
