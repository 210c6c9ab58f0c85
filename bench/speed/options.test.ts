import { expect, test } from 'vitest'
import { entrants } from './entrants.ts'
import { describeCommand, parseOptions } from './options.ts'

test('without options everybody runs one round on an uncompressed topic', () => {
  expect(parseOptions([])).toEqual({ readings: 1_000_000, devices: 10_000, rounds: 1, entrants: [...entrants], compressions: ['none'], json: undefined, page: undefined })
})

test('options are read, and what is named twice runs once', () => {
  const args = '--readings 5000 --devices 20 --rounds 3 --contender river --contender river --compression lz4 --compression none --compression lz4 --json a.json --page b.md'.split(' ')
  expect(parseOptions(args)).toEqual({ readings: 5_000, devices: 20, rounds: 3, entrants: [{ name: 'river', guarantee: 'AtLeastOnce', workers: 1 }], compressions: ['lz4', 'none'], json: 'a.json', page: 'b.md' })
})

test.each([
  [['--rounds', '0'], '--rounds 0: "0" is no whole number from 1 on'],
  [['--readings', '1e99'], '--readings 1e99: "1e99" is no whole number from 1 on'],
  [['--devices', 'many'], '--devices many: "many" is no whole number from 1 on'],
  [['--compression', 'zip'], '--compression zip: there is no "zip"; name none, lz4'],
  [['--contender', 'spark'], 'There is no contender "spark"'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})

test('the command is told without the files that it writes', () => {
  expect(describeCommand([])).toBe('npm run bench:speed')
  expect(describeCommand('--json a.json --rounds 3 --page=docs/b.md --contender river --page c.md'.split(' '))).toBe('npm run bench:speed -- --rounds 3 --contender river')
})
