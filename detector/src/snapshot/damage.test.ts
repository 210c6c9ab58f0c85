import { mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { KafkaCheckpointStore } from '../state/checkpoint-store.ts'
import { aConfig, TopologyDriver } from '../testing/index.ts'
import { FakeLog } from '../testing/fake-kafka.ts'
import { SnapshotDamaged } from './errors.ts'
import { describePieces } from './header.ts'

const config = aConfig({ model: { kind: 'microClusters', parameters: { warmUp: 3 } }, warmUp: 3, window: { kind: 'tumbling', sizeMs: 10_000 } })
const startMs = Date.UTC(2026, 0, 1)
const aDriver = () => new TopologyDriver({ config, nowMs: startMs })

type Stored = { key: string; value: Buffer | null }

/** Two chains of checkpoints as they lie in the log, in several chunks each, and the state that each of them stands for. */
async function publishChains(): Promise<{ records: Stored[]; truth: Map<number, Uint8Array> }> {
  const log = new FakeLog()
  const store = new KafkaCheckpointStore({ topic: 'state', sink: log, reader: log })
  const driver = aDriver()
  // Told the same, for what it should come to.
  const still = aDriver()
  const draw = mulberry32(11)
  const truth = new Map<number, Uint8Array>()
  let after: string | undefined
  for (let checkpoint = 0; checkpoint < 6; checkpoint++) {
    for (let i = 0; i < 40; i++) {
      const device = checkpoint % 3 === 0 ? i % 12 : Math.floor(draw() * 4)
      const value = 20 + draw()
      for (const one of [driver, still]) {
        one.nowMs += 700
        one.send({ value: { sensor_id: `d${device}`, timestamp: new Date(one.nowMs).toISOString(), metric: 'a', value } })
      }
    }
    const { nextOffset } = driver.topology
    const pieces = [...driver.topology.snapshotInSlices({ pieceLength: 2_048 })]
    const { isIncrement, trailer } = describePieces(pieces)
    expect(isIncrement).toBe(checkpoint % 3 !== 0)
    ;({ id: after } = await store.publish(0, { nextOffset, pieces, after: isIncrement ? after : undefined }))
    driver.topology.followWith(trailer, checkpoint % 3 === 2 ? 0 : 1)
    truth.set(nextOffset, still.topology.snapshot())
  }
  return { records: log.records.map(({ key, value }) => ({ key: key!.toString(), value })), truth }
}

const swapValues = (records: Stored[], i: number, j: number): void => {
  const { value } = records[i]!
  records[i]!.value = records[j]!.value
  records[j]!.value = value
}

/** What may happen to records, each at places that are drawn. */
const damages: [string, (records: Stored[], draw: () => number) => void][] = [
  ['a bit is turned', (records, draw) => changeValue(records, draw, (value) => void (value[Math.floor(draw() * value.length)]! ^= 1 << Math.floor(draw() * 8)))],
  ['many bits are turned', (records, draw) => {
    for (let i = 0; i < 3; i++) changeValue(records, draw, (value) => void (value[Math.floor(draw() * value.length)]! ^= 1 + Math.floor(draw() * 255)))
  }],
  ['a value is cut off', (records, draw) => cutValue(records, draw)],
  ['bytes are zero', (records, draw) => changeValue(records, draw, (value) => void value.fill(0, Math.floor(draw() * value.length)))],
  ['two values are exchanged', (records, draw) => swapValues(records, at(records, draw), at(records, draw))],
  ['a value is there twice', (records, draw) => void (records[at(records, draw)]!.value = records[at(records, draw)]!.value)],
  ['a record is gone', (records, draw) => void records.splice(at(records, draw), 1)],
  ['a record is deleted', (records, draw) => void (records[at(records, draw)]!.value = null)],
  ['two values of a digit differ', (records, draw) => changeValue(records, draw, (value) => {
    const digits = [...value.keys()].filter((i) => value[i]! >= 0x30 && value[i]! <= 0x39)
    if (digits.length > 0) value[digits[Math.floor(draw() * digits.length)]!] = 0x30 + Math.floor(draw() * 10)
  })],
]

const at = (records: Stored[], draw: () => number): number => Math.floor(draw() * records.length)

function changeValue(records: Stored[], draw: () => number, change: (value: Buffer) => void): void {
  const record = records[at(records, draw)]!
  if (record.value === null || record.value.length === 0) return
  record.value = Buffer.from(record.value)
  change(record.value)
}

function cutValue(records: Stored[], draw: () => number): void {
  const record = records[at(records, draw)]!
  record.value = record.value?.subarray(0, Math.floor(draw() * record.value.length)) ?? null
}

/** Restores all that are given, and compares each with what it should be. @returns the offsets of those that could be. */
async function restoredFrom(records: readonly Stored[], truth: ReadonlyMap<number, Uint8Array>): Promise<number[]> {
  const log = new FakeLog()
  await log.send(records.map(({ key, value }) => ({ topic: 'state', partition: 0, key, value })))
  const store = new KafkaCheckpointStore({ topic: 'state', sink: log, reader: log })
  const restored: number[] = []
  for await (const { nextOffset, bytes } of store.find(0, Infinity)) {
    const { topology } = aDriver()
    try {
      // Whoever takes over compares the two.
      if (topology.restore(bytes).nextOffset !== nextOffset) continue
    } catch (error) {
      expect(error).toBeInstanceOf(SnapshotDamaged)
      continue
    }
    expect(Buffer.compare(topology.snapshot(), truth.get(nextOffset)!)).toBe(0)
    restored.push(nextOffset)
  }
  return restored
}

test.each(damages)('whatever is restored is what was written, and the rest is missing or refused as damaged: %s', { timeout: 120_000 }, async (_, damage) => {
  const { records, truth } = await published
  // Without the tombstones: the more there is to choose from.
  const all = records.filter(({ value }) => value !== null)
  const whole = (await restoredFrom(all, truth)).length
  expect(whole).toBe(6)
  const draw = mulberry32(29)
  let restored = 0
  for (let run = 0; run < runs; run++) {
    const copy = all.map((record) => ({ ...record }))
    for (let times = 1 + Math.floor(draw() * 3); times > 0; times--) damage(copy, draw)
    restored += (await restoredFrom(copy, truth)).length
  }
  expect(restored).toBeGreaterThan(runs / 2)
  expect(restored).toBeLessThan(runs * whole * 0.8)
})

const runs = 120

const published = publishChains()
