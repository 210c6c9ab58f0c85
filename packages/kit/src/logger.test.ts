import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

test('lines are JSON with the level as a word, and secrets are not in them', () => {
  const lines: string[] = []
  const log = createLogger({ name: 'detector', destination: { write: (line) => void lines.push(line) } })
  log.info({ password: 'hunter2', kafka: { sasl: { password: 'hunter2' } }, tls: { key: 'hunter2' } }, 'Connected to Kafka')
  const line = lines.join('')
  expect(line).not.toContain('hunter2')
  expect(JSON.parse(line)).toMatchObject({ level: 'info', name: 'detector', msg: 'Connected to Kafka', time: expect.stringMatching(/^\d{4}-.*Z$/) })
})
