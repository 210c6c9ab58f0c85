import { expect, test } from 'vitest'
import { entrants } from './entrants.ts'
import { parseOptions } from './options.ts'

test('without options everybody runs one round on an uncompressed topic', () => {
  expect(parseOptions([])).toEqual({ readings: 1_000_000, devices: 10_000, rounds: 1, entrants: [...entrants], compressions: ['none'], json: undefined, page: undefined })
})

test('options are read, and what is named twice runs once', () => {
  const args = '--readings 5000 --devices 20 --rounds 3 --contender river --contender river --compression lz4 --compression none --compression lz4 --json a.json --page b.md'.split(' ')
  expect(parseOptions(args)).toEqual({ readings: 5_000, devices: 20, rounds: 3, entrants: [{ name: 'river', guarantee: 'AtLeastOnce', workers: 1 }], compressions: ['lz4', 'none'], json: 'a.json', page: 'b.md' })
})

test.each([
  [['--rounds', '0'], '--rounds is a whole number from 1 on, not "0"'],
  [['--readings', '1e99'], '--readings is a whole number from 1 on, not "1e99"'],
  [['--devices', 'many'], '--devices is a whole number from 1 on, not "many"'],
  [['--compression', 'zip'], 'There is no compression "zip" here: name none or lz4'],
  [['--contender', 'spark'], 'There is no contender "spark"'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})
