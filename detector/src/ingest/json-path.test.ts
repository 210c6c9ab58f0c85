import { describe, expect, test } from 'vitest'
import { compilePath } from './json-path.ts'

const document = { device: { id: 'd1', tags: ['x', { deep: [[7]] }] }, 'Protocol Type': 6, zero: 0, nothing: null, '': 'empty' }

describe('a path', () => {
  test.each([
    ['$.zero', 0],
    ['$.nothing', null],
    ['$.device.id', 'd1'],
    ["$['Protocol Type']", 6],
    ["$['device']['id']", 'd1'],
    ['$.device.tags[0]', 'x'],
    ['$.device.tags[1].deep[0][0]', 7],
    ['$.absent', undefined],
    ['$.absent.further.down', undefined],
    ['$.zero.further', undefined],
    ['$.device.tags[9]', undefined],
    ['$.nothing.further', undefined],
  ])('%s reads %s', (path, expected) => {
    expect(compilePath(path)(document)).toBe(expected)
  })

  test.each(['constructor', 'toString', 'hasOwnProperty'])('does not find the inherited %s', (name) => {
    expect(compilePath(`$.${name}`)(document)).toBeUndefined()
  })

  test.each(['', '$', 'device', '$.', '$.a..b', '$[x]', "$['a", '$.a b', '$.*'])('refuses "%s"', (path) => {
    expect(() => compilePath(path)).toThrow(SyntaxError)
  })
})
