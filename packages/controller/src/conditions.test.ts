import { expect, test } from 'vitest'
import { setCondition, setConditions, statusOf, type Condition } from './conditions.ts'

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const before: Condition = { type: 'Ready', status: 'False', reason: 'Progressing', message: 'Starting.', observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }
const { lastTransitionTime: _, ...state } = before

test.each([
  ['a condition that was absent is added, in whole seconds', [], state, [{ ...state, lastTransitionTime: '2026-01-02T03:04:05Z' }]],
  ['the same status keeps its time while reason, message and generation change', [before], { ...state, reason: 'Pending', message: 'Waiting.', observedGeneration: 2 }, [{ ...before, reason: 'Pending', message: 'Waiting.', observedGeneration: 2 }]],
  ['another status gets a new time', [before], { ...state, status: 'True' as const }, [{ ...before, status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }]],
  ['the status Unknown is a status like the others', [before], { ...state, status: 'Unknown' as const }, [{ ...before, status: 'Unknown', lastTransitionTime: '2026-01-02T03:04:05Z' }]],
])('%s', (_name, conditions, update, after) => {
  const frozen = structuredClone(conditions)
  expect(setCondition<Condition>(conditions, update, nowMs)).toEqual(after)
  expect(conditions).toEqual(frozen)
})

test('the order is the one given, and by name for the rest', () => {
  const types = ['Zebra', 'Paused', 'Apple', 'Ready']
  const conditions = types.reduce<Condition[]>((list, type) => setCondition(list, { ...state, type }, nowMs, ['Ready', 'Paused']), [])
  expect(conditions.map(({ type }) => type)).toEqual(['Ready', 'Paused', 'Apple', 'Zebra'])
})

test('setting all drops what is not computed any more', () => {
  const old = { ...before, type: 'Old' }
  expect(setConditions([before, old], [state], nowMs)).toEqual([before])
})

test.each([
  ['one that was reported', [before], 'False'],
  ['one that is missing', [], 'Unknown'],
  ['one of no conditions at all', undefined, 'Unknown'],
])('the status of %s', (_name, conditions, status) => {
  expect(statusOf(conditions, 'Ready')).toBe(status)
})
