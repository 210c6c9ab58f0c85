import type { OutputRecord } from '@tidewatch/kafka'
import { defineError, FakeClock } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { reject } from '../ingest/rejection.ts'
import { aConfig } from '../testing/a-config.ts'
import { FakeSink } from '../testing/fake-kafka.ts'
import { noEffects, type Effects } from '../topology.ts'
import { OutputWriter } from './output-writer.ts'

const RecordTooLarge = defineError('RECORD_TOO_LARGE', { retry: 'never' })
const config = aConfig({ outputs: { anomalies: 'a', deadLetters: 'dead', late: 'late' } })

const kafkaRecord = (offset: number, bytes: number) => ({ topic: 'readings', partition: 0, offset, timestampMs: 0, key: null, value: Buffer.alloc(bytes, 'x'), headers: {} })
const aVerdict = { verdict: { is_anomaly: true, offsets: { topic: 'readings', partition: 0, first: 5, last: 9 } } as never, device: 'd', fault: undefined, timestampMs: 0 }
const effects = (): Effects => ({
  ...noEffects(),
  verdicts: [aVerdict],
  deadLetters: [1, 2, 3].map((offset) => ({ record: kafkaRecord(offset, offset === 2 ? 50_000 : 10), rejection: reject('notJson', 'no') })),
  late: [kafkaRecord(4, 10)],
})

const aWriter = (sink: FakeSink, told: object[] = []) => new OutputWriter({ config, sink, clock: new FakeClock(0), onTooLarge: ({ shortened, leftOut }) => void told.push({ shortened, leftOut: leftOut.length }) })

describe('the writer', () => {
  test('writes verdicts, then dead letters, then late records', async () => {
    const sink = new FakeSink()
    await aWriter(sink).write(effects())
    expect(sink.records.map(({ topic }) => topic)).toEqual(['a', 'dead', 'dead', 'dead', 'late'])
  })

  test('sends nothing where there is nothing', async () => {
    const sink = new FakeSink()
    sink.onSend = () => {
      throw new Error('not expected')
    }
    await aWriter(sink).write(noEffects())
  })

  test('cuts a dead letter where the topic takes less than brokers do', async () => {
    const sink = new FakeSink()
    sink.onSend = (records: readonly OutputRecord[]) => {
      if (records.some(({ value }) => value!.length > 20_000)) throw new RecordTooLarge('too large')
    }
    await aWriter(sink).write(effects())
    expect(sink.of('dead').map(({ headers }) => headers?.['tidewatch-source-offset'])).toEqual(['1', '2', '3'])
    expect(sink.of('dead').map(({ headers }) => headers?.['tidewatch-truncated'])).toEqual([undefined, expect.stringMatching(/^\d+ of 50000 bytes$/), undefined])
  })

  test('sends a dead letter in place of a verdict or a late record that is too large, and counts it', async () => {
    const sink = new FakeSink()
    sink.onSend = (records: readonly OutputRecord[]) => {
      if (records.some(({ topic }) => topic !== 'dead')) throw new RecordTooLarge('too large')
    }
    const told: object[] = []
    await aWriter(sink, told).write(effects())
    expect(sink.records.map(({ topic, headers }) => [topic, headers?.['tidewatch-reason'], headers?.['tidewatch-source-offset']])).toEqual([
      ['dead', 'outputTooLarge', '9'], ['dead', 'notJson', '1'], ['dead', 'notJson', '2'], ['dead', 'notJson', '3'], ['dead', 'outputTooLarge', '4'],
    ])
    expect(sink.records[0]?.headers?.['tidewatch-error']).toMatch(/^the record for a is larger than this topic takes \(\d+ bytes without its headers\): raise its max.message.bytes$/)
    expect(told.filter((one) => JSON.stringify(one) !== '{"shortened":0,"leftOut":0}')).toEqual([{ shortened: 1, leftOut: 0 }, { shortened: 1, leftOut: 0 }])
  })

  test('leaves out what no topic takes in any form, and goes on', async () => {
    const sink = new FakeSink()
    sink.onSend = (records: readonly OutputRecord[]) => {
      if (records.some(({ topic }) => topic !== 'late')) throw new RecordTooLarge('too large')
    }
    const told: object[] = []
    await aWriter(sink, told).write(effects())
    expect(sink.records.map(({ topic }) => topic)).toEqual(['late'])
    expect(told.filter((one) => JSON.stringify(one) !== '{"shortened":0,"leftOut":0}')).toEqual(Array.from({ length: 4 }, () => ({ shortened: 0, leftOut: 1 })))
  })

  test('lets any other error through', async () => {
    const sink = new FakeSink()
    sink.onSend = () => Promise.reject(new Error('no broker'))
    await expect(aWriter(sink).write(effects())).rejects.toThrow('no broker')
  })
})
