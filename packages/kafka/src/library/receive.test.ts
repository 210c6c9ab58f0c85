import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Incoming, readIntoShared } from './receive.ts'

/** An answer as a broker sends it. */
function answerOf(content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** A piece of memory that is written over once it was taken in, as the one that sockets share. */
function takeIn(incoming: Incoming, chunk: Buffer, answers: Buffer[]): void {
  const memory = Buffer.from(chunk)
  incoming.take(memory, (answer) => answers.push(answer))
  memory.fill(0xee)
}

test('answers come out as they went in, wherever the socket has cut them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (contents, sizes) => {
      const sent = contents.map((content) => answerOf(Buffer.from(content)))
      const stream = Buffer.concat(sent)
      const incoming = new Incoming()
      const answers: Buffer[] = []
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]!
        takeIn(incoming, stream.subarray(at, at + size), answers)
        at += size
      }
      expect(answers).toEqual(sent)
    }),
  )
})

test('an answer takes as much memory as it has bytes, and none of what it came in', () => {
  const sent = answerOf(Buffer.alloc(5_000_000, 'x'))
  const incoming = new Incoming()
  const answers: Buffer[] = []
  for (let at = 0; at < sent.length; at += 65_536) takeIn(incoming, sent.subarray(at, at + 65_536), answers)
  expect(answers.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[5_000_004, 5_000_004]])
})

test('one that is larger than what is set aside at first grows as it comes', () => {
  const draw = mulberry32(3)
  const content = Buffer.alloc(40_000_000)
  for (let at = 0; at < content.length; at += 997) content[at] = draw() * 256
  const large = answerOf(content)
  const incoming = new Incoming()
  const answers: Buffer[] = []
  for (let at = 0; at < large.length; at += 1_000_000) takeIn(incoming, large.subarray(at, at + 1_000_000), answers)
  expect(answers.map(({ length }) => length)).toEqual([large.length])
  expect(answers[0]!.equals(large)).toBe(true)
})

test('what was cut off with its socket is no part of what the next one brings', () => {
  const incoming = new Incoming()
  const answers: Buffer[] = []
  const sent = answerOf(Buffer.from('from the second'))
  takeIn(incoming, answerOf(Buffer.from('from the first')).subarray(0, 9), answers)
  incoming.forget()
  takeIn(incoming, sent, answers)
  expect(answers).toEqual([sent])
})

test('a length that is none says so', () => {
  const nothing = () => {}
  expect(() => new Incoming().take(Buffer.from([0, 0, 0, 3, 1, 2, 3]), nothing)).toThrow('an answer of 3 bytes is none of Kafka: is something else listening there?')
  expect(() => new Incoming().take(Buffer.from([0xff, 0xff, 0xff, 0xff]), nothing)).toThrow(RangeError)
})

test('two sockets that read into the same memory each hear their own', async () => {
  const texts = ['a'.repeat(900_000), 'b'.repeat(900_000)]
  const server = createServer((socket) => socket.once('data', (which) => socket.end(answerOf(Buffer.from(texts[which[0]!]!)))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const heard = await Promise.all(
    texts.map(
      (_, i) =>
        new Promise<string>((resolve, reject) => {
          const socket: Socket = connect({ host: '127.0.0.1', port, onread: readIntoShared(() => socket) }, () => socket.write(Buffer.from([i])))
          const incoming = new Incoming()
          socket.on('error', reject)
          socket.on('data', (data) => incoming.take(data, (answer) => resolve(answer.subarray(4).toString())))
        }),
    ),
  )
  expect(heard.map((text, i) => text === texts[i])).toEqual([true, true])
  await new Promise((resolve) => server.close(resolve))
})
