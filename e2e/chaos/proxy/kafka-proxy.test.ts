import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aRequest } from './a-request.ts'
import { FrameSplitter } from './frames.ts'
import { KafkaProxy } from './kafka-proxy.ts'
import type { Moment } from './points.ts'

/** Answers each request with its correlation id, as a broker's answers begin. */
let broker: Server
let proxy: KafkaProxy
const asked: number[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  asked.length = 0
  broker = createServer((socket) => {
    const splitter = new FrameSplitter()
    sockets.push(socket.on('error', () => {}))
    socket.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) {
        asked.push(frame.readInt32BE(8))
        socket.write(Buffer.concat([Buffer.from([0, 0, 0, 4]), frame.subarray(8, 12)]))
      }
    })
  })
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  proxy = await KafkaProxy.listen()
  proxy.forwardTo((broker.address() as AddressInfo).port)
})

afterEach(async () => {
  await proxy.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  await new Promise((resolve) => broker.close(resolve))
})

/** A client that keeps what it is answered. */
async function aClient(): Promise<{ socket: Socket; answers: number[]; send: (correlationId: number) => void; answered: (count: number) => Promise<void> }> {
  const socket = connect(proxy.port, '127.0.0.1')
  sockets.push(socket.on('error', () => {}))
  const answers: number[] = []
  const splitter = new FrameSplitter()
  socket.on('data', (chunk: Buffer) => answers.push(...splitter.push(chunk).map((frame) => frame.readInt32BE(4))))
  await once(socket, 'connect')
  return {
    socket,
    answers,
    send: (correlationId) => void socket.write(aRequest(3, Buffer.alloc(0), { correlationId })),
    async answered(count) {
      while (answers.length < count) await once(socket, 'data')
    },
  }
}

/** Unlike `once`, does not mind an error before it. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 100))

test('requests and answers pass in order, and each is noted before it is delivered', async () => {
  const noted: [Moment['side'], number, number][] = []
  proxy.watch(({ side, request }) => {
    noted.push([side, request.correlationId, asked.length])
    return false
  })
  const client = await aClient()
  client.send(1)
  await client.answered(1)
  client.send(2)
  await client.answered(2)
  expect(client.answers).toEqual([1, 2])
  expect(noted).toEqual([
    ['request', 1, 0],
    ['answer', 1, 1],
    ['request', 2, 1],
    ['answer', 2, 2],
  ])
})

test.each([
  ['request', []],
  ['answer', [1]],
] as const)('a %s that must be lost is not delivered', async (side, askedFor) => {
  const client = await aClient()
  proxy.watch((moment) => moment.side === side && moment.request.correlationId === 1)
  client.send(1)
  client.send(2)
  await client.answered(1)
  expect([asked, client.answers]).toEqual([[...askedFor, 2], [2]])
})

test('a delay keeps the order, and what is sent after it is over does not overtake', async () => {
  const client = await aClient()
  proxy.delay(300)
  client.send(1)
  await aMoment()
  client.send(2)
  proxy.heal()
  client.send(3)
  await client.answered(3)
  expect(client.answers).toEqual([1, 2, 3])
})

test.each([
  ['requests', []],
  ['answers', [1]],
  ['both', []],
] as const)('a partition of %s: what was sent arrives when it is over', async (ways, askedMeanwhile) => {
  const client = await aClient()
  proxy.partition(ways)
  client.send(1)
  await aMoment()
  expect([asked, client.answers]).toEqual([askedMeanwhile, []])
  proxy.heal()
  await client.answered(1)
  expect([asked, client.answers]).toEqual([[1], [1]])
})

test('a reset breaks every connection; new ones are served', async () => {
  const client = await aClient()
  client.send(1)
  await client.answered(1)
  const broken = closed(client.socket)
  expect(proxy.reset()).toBe(1)
  await broken
  const next = await aClient()
  next.send(2)
  await next.answered(1)
  expect(next.answers).toEqual([2])
})

test('half-open connections stay open and silent for good, also new ones; only those after it are served', async () => {
  const old = await aClient()
  old.send(1)
  await old.answered(1)
  expect(proxy.halfOpen()).toBe(1)
  const meanwhile = await aClient()
  old.send(2)
  meanwhile.send(3)
  await aMoment()
  proxy.heal()
  await aMoment()
  const next = await aClient()
  next.send(4)
  await next.answered(1)
  expect([asked, old.answers, meanwhile.answers, next.answers]).toEqual([[1, 4], [1], [], [4]])
  expect([old.socket.closed, meanwhile.socket.closed]).toEqual([false, false])
})

test('the end of one side is told to the other, after what came before it', async () => {
  const client = await aClient()
  client.send(1)
  client.socket.end()
  await closed(client.socket)
  expect([asked, client.answers, proxy.connections]).toEqual([[1], [1], 0])
})

test('a client is told at once where no broker listens', async () => {
  await new Promise((resolve) => broker.close(resolve))
  const client = await aClient()
  await closed(client.socket)
  expect(client.answers).toEqual([])
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
})
