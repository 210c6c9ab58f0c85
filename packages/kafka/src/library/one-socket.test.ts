import { createServer, connect as connectPlain, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { requireInside } from './insides.ts'
import './kafkajs.ts'

interface Connection {
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  send(protocol: object): Promise<string>
  isConnected(): boolean
}

const Connection = requireInside<new (options: object) => Connection>('network/connection')
const Encoder = requireInside<new () => { buffer: Buffer }>('protocol/encoder')
const silent: Record<string, unknown> = { namespace: () => silent, debug() {}, info() {}, warn() {}, error() {} }

let server: Server
let taken: Socket[]
/** What the server says to a request: the default answers with the request's own number. */
let answer: (socket: Socket, correlationId: number) => void
let connection: Connection

beforeEach(async () => {
  taken = []
  answer = (socket, correlationId) => socket.write(frame(correlationId, 'fine'))
  server = createServer({ allowHalfOpen: true }, (socket) => {
    taken.push(socket)
    socket.on('error', () => {})
    socket.on('data', (request) => answer(socket, request.readInt32BE(8)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  connection = new Connection({
    host: '127.0.0.1',
    port,
    logger: silent,
    requestTimeout: 60_000,
    connectionTimeout: 60_000,
    socketFactory: ({ onConnect }: { onConnect: () => void }) => connectPlain({ host: '127.0.0.1', port }, onConnect),
  })
})
afterEach(async () => {
  for (const socket of taken) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

function frame(correlationId: number, text: string): Buffer {
  const bytes = Buffer.alloc(8 + text.length)
  bytes.writeInt32BE(4 + text.length, 0)
  bytes.writeInt32BE(correlationId, 4)
  bytes.write(text, 8)
  return bytes
}

/** ApiVersions in name, so that nothing wants to log in first; its answer is text. */
const question = {
  request: { apiKey: 18, apiVersion: 0, apiName: 'Question', encode: async () => new Encoder() },
  response: { decode: async (payload: Buffer) => ({ text: payload.toString() }), parse: async ({ text }: { text: string }) => text },
}

test('a socket that ends late does not end the one after it', async () => {
  await connection.connect()
  const disconnected = connection.disconnect()
  await disconnected
  await connection.connect()
  expect(taken).toHaveLength(2)
  let say: (() => void) | undefined
  answer = (socket, correlationId) => (say = () => socket.write(frame(correlationId, 'late')))
  const asked = connection.send(question)
  // The broker ends the first socket while an answer is awaited on the second.
  taken[0]!.end()
  await sleep(50)
  expect(connection.isConnected()).toBe(true)
  say!()
  expect(await asked).toBe('late')
})

test('half an answer of the socket before is not the beginning of the next', async () => {
  await connection.connect()
  answer = (socket, correlationId) => socket.end(frame(correlationId, 'a long answer').subarray(0, 10))
  await expect(connection.send(question)).rejects.toThrow('Closed connection')
  answer = (socket, correlationId) => socket.write(frame(correlationId, 'fine'))
  await connection.connect()
  expect(await connection.send(question)).toBe('fine')
})

test('a connection that is asked for twice at once is one', async () => {
  await Promise.all([connection.connect(), connection.connect()])
  expect(await connection.send(question)).toBe('fine')
  expect(taken).toHaveLength(1)
})
