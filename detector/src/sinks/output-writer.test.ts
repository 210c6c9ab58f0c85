import type { OutputRecord } from '@tidewatch/kafka'
import { defineError } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { reject } from '../ingest/rejection.ts'
import { aConfig } from '../testing/a-config.ts'
import { FakeSink } from '../testing/fake-kafka.ts'
import { noEffects, type Effects } from '../topology.ts'
import { OutputWriter } from './output-writer.ts'

const RecordTooLarge = defineError('RECORD_TOO_LARGE', { retry: 'never' })
const config = aConfig({ outputs: { anomalies: 'a', deadLetters: 'dead', late: 'late' } })

const kafkaRecord = (offset: number, bytes: number) => ({ topic: 'readings', partition: 0, offset, timestampMs: 0, key: null, value: Buffer.alloc(bytes, 'x'), headers: {} })
const effects = (): Effects => ({
  ...noEffects(),
  verdicts: [{ verdict: { is_anomaly: true } as never, device: 'd', fault: undefined, timestampMs: 0 }],
  deadLetters: [1, 2, 3].map((offset) => ({ record: kafkaRecord(offset, offset === 2 ? 50_000 : 10), rejection: reject('notJson', 'no') })),
  late: [kafkaRecord(4, 10)],
})

describe('the writer', () => {
  test('writes verdicts, then dead letters, then late records', async () => {
    const sink = new FakeSink()
    await new OutputWriter(config, sink).write(effects())
    expect(sink.records.map(({ topic }) => topic)).toEqual(['a', 'dead', 'dead', 'dead', 'late'])
  })

  test('sends nothing where there is nothing', async () => {
    const sink = new FakeSink()
    sink.onSend = () => {
      throw new Error('not expected')
    }
    await new OutputWriter(config, sink).write(noEffects())
  })

  test('cuts a dead letter where the topic takes less than brokers do', async () => {
    const sink = new FakeSink()
    sink.onSend = (records: readonly OutputRecord[]) => {
      if (records.some(({ value }) => value!.length > 20_000)) throw new RecordTooLarge('too large')
    }
    await new OutputWriter(config, sink).write(effects())
    expect(sink.of('dead').map(({ headers }) => headers?.['tidewatch-source-offset'])).toEqual(['1', '2', '3'])
    expect(sink.of('dead').map(({ headers }) => headers?.['tidewatch-truncated'])).toEqual([undefined, expect.stringMatching(/^\d+ of 50000 bytes$/), undefined])
  })

  test('lets any other error through', async () => {
    const sink = new FakeSink()
    sink.onSend = () => Promise.reject(new Error('no broker'))
    await expect(new OutputWriter(config, sink).write(effects())).rejects.toThrow('no broker')
  })
})
