import { expect, test } from 'vitest'
import { parseLabelSelector } from './label-selector.ts'

test.each([
  ['', true],
  ['pipeline=hvac', true],
  ['pipeline==hvac', true],
  ['pipeline = hvac', true],
  ['pipeline=other', false],
  ['pipeline!=hvac', false],
  ['pipeline!=other', true],
  ['pipeline in (hvac, other)', true],
  ['pipeline in (other)', false],
  ['pipeline notin (hvac,other)', false],
  ['zone notin (a)', true],
  ['pipeline', true],
  ['zone', false],
  ['!zone', true],
  ['!pipeline', false],
  ['pipeline=hvac,!zone', true],
  ['pipeline=hvac,zone in (a,b)', false],
])('"%s" holds for pipeline=hvac: %s', (selector, holds) => {
  expect(parseLabelSelector(selector)?.({ pipeline: 'hvac' })).toBe(holds)
})

test.each(['=', 'a=b=c', 'pipeline in hvac', 'a,,b', 'a b', 'pipeline in (a', ','])('"%s" is no selector', (selector) => {
  expect(parseLabelSelector(selector)).toBeUndefined()
})
