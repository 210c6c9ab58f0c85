import { Producer } from '@platformatic/kafka'
import type { Scenario } from '../scenario.ts'

const times = 2

/**
 * What must be reported as broken: a detector without transactions that is killed between its outputs and their commit, again and
 * again, and a transaction that nobody ends.
 */
export const brokenPromise: Scenario = {
  name: 'broken-promise',
  story: 'a detector that may repeat is killed before it commits',
  detectors: { first: 1, most: 1 },
  loadMs: { short: 12_000, long: 12_000 },
  async run(stage) {
    for (let time = 0; time < times; time++) {
      await stage.recovered()
      await stage.crew.at(0, 'beforePlainCommit', () => {
        if (stage.crew.signal(0, 'SIGKILL')) stage.fault('SIGKILL', 'before a commit')
        return true
      })
    }
    const transactionalId = 'chaos-left-open'
    // Its time-out is that of the transaction as well: the broker must not end it before it is looked for.
    const producer = new Producer({ clientId: transactionalId, transactionalId, idempotent: true, bootstrapBrokers: [stage.broker.brokers], timeout: 600_000 })
    const transaction = await producer.beginTransaction()
    await transaction.send({ messages: [{ topic: stage.config.checkpoint.topic, partition: 0, key: Buffer.from('left'), value: Buffer.from('open') }] })
    stage.fault('transaction left open')
    await producer.close(true)
  },
}
