import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { createTopicAdmin } from '../admin.ts'
import { createRecordSink } from '../sink.ts'
import { testConnection, uniqueName } from '../testing/test-broker.ts'

/** Of the event loop, in so many seconds. */
async function countWakeUps(seconds: number): Promise<number> {
  const before = performance.nodeTiming.uvMetricsInfo.loopCount
  await sleep(seconds * 1_000)
  return performance.nodeTiming.uvMetricsInfo.loopCount - before
}

test('an idle producer wakes the process at most 20 times a second', async () => {
  const log = createLogger({ name: 'test', level: 'fatal' })
  const topic = uniqueName('idle')
  const admin = createTopicAdmin({ connection: testConnection(), log })
  await admin.ensureTopics([{ name: topic, partitions: 1 }])
  await admin.close()
  // What vitest itself does in the meantime.
  const others = await countWakeUps(3)
  const sink = createRecordSink({ connection: testConnection(), log })
  await sink.send([{ topic, key: 'k', value: 'v' }])
  const wakeUps = await countWakeUps(3)
  await sink.close()
  expect((wakeUps - others) / 3).toBeLessThanOrEqual(20)
})
