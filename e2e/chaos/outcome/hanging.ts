import { nullable } from '../proxy/a-request.ts'
import { ask } from './raw-request.ts'

/** Kafka's number of the request, and the first version that knows of isolation. */
const listOffsets = { apiKey: 2, apiVersion: 2 }
const latest = -1n
const readUncommitted = 0
const readCommitted = 1

/**
 * Partitions in which a transaction is open: readers of committed records see no further than its first record. Asked in bytes of
 * our own making, because clients leave out Kafka's own topics, in which the positions of a transaction hang.
 *
 * @param port of the one broker, which leads all.
 * @param partitions of each topic.
 * @returns as `topic/partition (open from offset a, ends at b)`.
 */
export async function readHanging(port: number, partitions: ReadonlyMap<string, number>): Promise<string[]> {
  // The stable offsets last: what is committed between the two answers must not seem to hang.
  const ends = await readOffsets(port, partitions, readUncommitted)
  const stable = await readOffsets(port, partitions, readCommitted)
  return [...ends].filter(([name, end]) => stable.get(name)! < end).map(([name, end]) => `${name} (open from offset ${stable.get(name)!}, ends at ${end})`)
}

async function readOffsets(port: number, partitions: ReadonlyMap<string, number>, isolation: number): Promise<Map<string, bigint>> {
  const answer = await ask(port, listOffsets, buildBody(partitions, isolation))
  return parseOffsets(answer)
}

function buildBody(partitions: ReadonlyMap<string, number>, isolation: number): Buffer {
  const parts = [int32(-1), Buffer.from([isolation]), int32(partitions.size)]
  for (const [topic, count] of partitions) {
    parts.push(nullable(topic), int32(count))
    for (let partition = 0; partition < count; partition++) {
      const timestamp = Buffer.alloc(8)
      timestamp.writeBigInt64BE(latest)
      parts.push(int32(partition), timestamp)
    }
  }
  return Buffer.concat(parts)
}

/** @throws where the broker refuses to tell of a partition. */
function parseOffsets(answer: Buffer): Map<string, bigint> {
  const offsets = new Map<string, bigint>()
  // Behind the throttle time.
  let at = 4
  const next = (bytes: number): number => (at += bytes) - bytes
  for (let topics = answer.readInt32BE(next(4)); topics > 0; topics--) {
    const length = answer.readInt16BE(next(2))
    const topic = answer.toString('utf8', at, next(length) + length)
    for (let count = answer.readInt32BE(next(4)); count > 0; count--) {
      const partition = answer.readInt32BE(next(4))
      const error = answer.readInt16BE(next(2))
      if (error !== 0) throw new Error(`The broker does not tell the offsets of ${topic}/${partition}: error ${error} of Kafka's protocol`)
      next(8)
      offsets.set(`${topic}/${partition}`, answer.readBigInt64BE(next(8)))
    }
  }
  return offsets
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
