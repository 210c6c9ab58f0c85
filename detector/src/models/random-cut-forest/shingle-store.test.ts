import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ShingleStore } from './shingle-store.ts'

const vectorOf = (number: number): Float32Array => Float32Array.of(number, -number)
const shingleOf = (numbers: readonly number[]): number[] => numbers.flatMap((number) => [number, -number])

function read(store: ShingleStore, point: number): number[] {
  const out = new Float32Array(store.dimension)
  store.read(point, out)
  return [...out]
}

describe('the shingle store', () => {
  test('a point is a vector and the ones before it, newest last', () => {
    const store = new ShingleStore(2, 3)
    for (const number of [1, 2, 3, 4]) store.append(vectorOf(number))
    expect(read(store, store.head)).toEqual(shingleOf([2, 3, 4]))
    const next = new Float32Array(6)
    store.readWith(vectorOf(5), next)
    expect([...next]).toEqual(shingleOf([3, 4, 5]))
  })

  test('a branch follows the newest vector without becoming it', () => {
    const store = new ShingleStore(2, 3)
    for (const number of [1, 2, 3]) store.append(vectorOf(number))
    const branch = store.branch(vectorOf(99))
    store.append(vectorOf(4))
    expect(read(store, branch)).toEqual(shingleOf([2, 3, 99]))
    expect(read(store, store.head)).toEqual(shingleOf([2, 3, 4]))
  })

  test('keeps the shingle of the newest vector and nothing else where nobody holds a point', () => {
    const store = new ShingleStore(2, 3)
    for (let number = 0; number < 1000; number++) store.append(vectorOf(number))
    expect(store.size).toBe(3)
  })

  test('whatever is held and released, held points read as they came, also from its state, and nothing else is kept', () => {
    const step = fc.oneof(fc.constant('append' as const), fc.constant('hold' as const), fc.constant('branch' as const), fc.nat(100))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 120 }), (shingleSize, steps) => {
        const store = new ShingleStore(2, shingleSize, 4)
        const followed: number[] = []
        const held: { point: number; numbers: number[] }[] = []
        let count = 0
        const last = (): number[] => followed.slice(-shingleSize)
        while (count < shingleSize) store.append(vectorOf(followed[count] = count++))
        for (const taken of steps) {
          if (taken === 'append') {
            store.append(vectorOf(count))
            followed.push(count++)
          } else if (taken === 'hold') {
            store.hold(store.head)
            held.push({ point: store.head, numbers: last() })
          } else if (taken === 'branch') {
            const numbers = [...followed, count].slice(-shingleSize)
            held.push({ point: store.branch(vectorOf(count++)), numbers })
          } else if (held.length > 0) store.release(held.splice(taken % held.length, 1)[0]!.point)
        }
        for (const { point, numbers } of held) expect(read(store, point)).toEqual(shingleOf(numbers))
        const needed = new Set([...held.flatMap(({ numbers }) => numbers), ...last()])
        expect(store.size).toBe(needed.size)
        const slots = store.inOrder()
        const copy = ShingleStore.fromState(2, shingleSize, store.toState(slots))
        for (const { point, numbers } of held) {
          copy.hold(slots.indexOf(point))
          expect(read(copy, slots.indexOf(point))).toEqual(shingleOf(numbers))
        }
        expect(copy.toState(copy.inOrder())).toEqual(store.toState(slots))
      }),
    )
  })
})
