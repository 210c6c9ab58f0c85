import { expect, test } from 'vitest'
import { buildTutorial, withoutFigures } from './tutorial.ts'

test('each command stands in a block with its answer', () => {
  expect(buildTutorial([{ text: 'Look at it:', command: 'kubectl get dp', output: 'NAME\nhvac\n' }, { text: 'Then:', command: 'true', output: '' }])).toContain(
    'Look at it:\n\n```console\n$ kubectl get dp\nNAME\nhvac\n```\n\nThen:\n\n```console\n$ true\n```\n',
  )
})

test('figures, ages and widths of columns do not count, words do', () => {
  const today = 'LAG   AGE\n42    3m10s\nLAST DEPLOYED: Sat Jan  3 10:00:01 2026'
  const later = 'LAG      AGE\n10240    59s\nLAST DEPLOYED: Sun Feb 14 11:22:33 2027'
  expect(withoutFigures(today)).toBe(withoutFigures(later))
  expect(withoutFigures('READY True')).not.toBe(withoutFigures('READY False'))
})

test('which events there were does not count, but the command that shows them does', () => {
  const describe = (output: string, name = 'hvac') => withoutFigures(buildTutorial([{ text: 'And:', command: `kubectl describe dp ${name}`, output }, { text: 'Then:', command: 'true', output: '' }]))
  expect(describe('Events: Running')).toBe(describe('Events: Progressing\nRunning'))
  expect(describe('')).not.toBe(describe('', 'lifts'))
  expect(describe('x')).toContain('Then:')
})
