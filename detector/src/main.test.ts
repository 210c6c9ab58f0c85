import { afterEach, expect, test } from 'vitest'
import { aConfig } from './testing/a-config.ts'
import { DetectorProcess } from './testing/detector-process.ts'

const started: DetectorProcess[] = []
afterEach(async () => {
  for (const child of started.splice(0)) await child.signal('SIGKILL')
})

// A kubelet starts it again, so it need not wait for a Kafka that comes later.
test('a detector ends with 1 and one sentence where no Kafka answers within 10 s', async () => {
  const child = new DetectorProcess(aConfig(), '127.0.0.1:1')
  started.push(child)
  expect(await child.exited).toBe(1)
  const lastLine = JSON.parse(child.output.split('\n').at(-1) ?? '{}') as Record<string, unknown>
  expect(lastLine).toMatchObject({ level: 'fatal', code: 'KAFKA_UNREACHABLE' })
  expect(lastLine['msg']).toMatch(/^No Kafka broker answered at 127\.0\.0\.1:1 within 10 s \(tried \d+ times: connect ECONNREFUSED\)/)
}, 40_000)
