import { expect, test } from 'vitest'
import { findTakeOverMs } from './partitions.ts'

test('the detector\'s log tells when it had its partitions', () => {
  const log = ['{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"Started detector"}', '{"level":"info","time":"2026-01-01T00:00:01.250Z","partitions":[0],"msg":"Took over partitions"}'].join('\n')
  expect(findTakeOverMs(log)).toBe(Date.UTC(2026, 0, 1, 0, 0, 1, 250))
  expect(() => findTakeOverMs('nothing')).toThrow('The detector has not told when it took over its partitions:\nnothing')
})
