import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requirementsFile } from './install.ts'
import { parsePins } from './pins.ts'

test('versions are read by package, comments and empty lines are passed over', () => {
  expect(parsePins('# peers\n\nriver==0.26.1\nscikit-learn==1.9.1\n')).toEqual(new Map([['river', '0.26.1'], ['scikit-learn', '1.9.1']]))
})

test.each(['river', 'river>=0.26', 'river==0.26.*', '-r other.txt'])('%s pins nothing and is refused', (line) => {
  expect(() => parsePins(`rrcf==0.4.4\n${line}`)).toThrow(`Line 2 of the peers' requirements pins no version: ${line}`)
})

test('our own requirements pin the packages of the peers', () => {
  const pins = parsePins(readFileSync(requirementsFile, 'utf8'))
  expect(['pysad', 'river', 'rrcf', 'scikit-learn'].filter((name) => !pins.has(name))).toEqual([])
})
