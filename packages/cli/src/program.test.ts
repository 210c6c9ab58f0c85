import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { parseCount, parseTime, parseWindow } from './program.ts'

test.each([
  ['none', { kind: 'none' }],
  ['60s', { kind: 'tumbling', size: '60s' }],
  ['1h30m/10m', { kind: 'sliding', size: '1h30m', slide: '10m' }],
] as const)('--window %s', (text, window) => {
  expect(parseWindow(text)).toEqual(window)
})

test.each([
  [parseWindow, '60'], [parseWindow, '60s/'], [parseWindow, '0s'], [parseTime, 'soon'], [parseTime, '0s'], [parseTime, '9999h'], [parseCount, '0'], [parseCount, '1.5'], [parseCount, '-1'],
])('%o refuses %j', (parse, text) => {
  expect(() => parse(text)).toThrow(InvalidArgumentError)
})
