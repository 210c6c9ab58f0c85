import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OptionInvalid, readCount, readCounts, readEarlier, readNames } from './options.ts'

test('a list of numbers is read in its order', () => {
  expect(readCounts('rate', '50000,1000')).toEqual([50_000, 1_000])
})

test.each([
  ['1000,', '--rate 1000,: "" is no whole number from 1 to 100000; write them like 1000,10000'],
  ['1e3', '--rate 1e3: "1e3" is no whole number from 1 to 100000; write them like 1000,10000'],
  ['0', '--rate 0: "0" is no whole number from 1 to 100000; write them like 1000,10000'],
  ['100001', '--rate 100001: "100001" is no whole number from 1 to 100000; write them like 1000,10000'],
])('%s is refused with what the option takes', (text, message) => {
  const read = () => readCounts('rate', text, { most: 100_000 })
  expect(read).toThrow(OptionInvalid)
  expect(read).toThrow(message)
})

test('one number is one number', () => {
  expect(readCount('seconds', '15')).toBe(15)
  expect(() => readCount('seconds', '15,20')).toThrow('--seconds 15,20: takes one number')
  expect(() => readCount('seconds', 'x')).toThrow('--seconds x: "x" is no whole number from 1 on; write them like 1000,10000')
})

test('names are those that are known', () => {
  expect(readNames('window', 'none,sliding', ['sliding', 'none'])).toEqual(['none', 'sliding'])
  expect(() => readNames('window', 'none,session', ['sliding', 'none'])).toThrow('--window none,session: there is no "session"; name sliding, none')
})

test('results of an earlier run are taken, and nothing else is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-options-'))
  try {
    const [good, other, broken] = ['good', 'other', 'broken'].map((name) => join(folder, name))
    writeFileSync(good!, '[1]')
    writeFileSync(other!, '{}')
    writeFileSync(broken!, '[1')
    expect(readEarlier('from', good!, Array.isArray)).toEqual([1])
    expect(() => readEarlier('from', other!, Array.isArray)).toThrow(`--from ${other!}: is not what --json of this command writes`)
    expect(() => readEarlier('from', broken!, Array.isArray)).toThrow(`--from ${broken!}: Expected ',' or ']' after array element`)
    expect(() => readEarlier('from', join(folder, 'none'), Array.isArray)).toThrow(OptionInvalid)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
