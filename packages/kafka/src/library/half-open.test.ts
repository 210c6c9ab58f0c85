import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Kafka } from './kafkajs.ts'

test('a connection on which an answer is overdue is broken, and the next attempt gets another', async () => {
  const taken: Socket[] = []
  const ends: Promise<void>[] = []
  // Takes every connection and every request, and says nothing.
  const server = createServer((socket) => {
    taken.push(socket.resume())
    ends.push(new Promise((resolve) => socket.on('error', () => {}).once('close', () => resolve())))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], clientId: 'test', requestTimeout: 50, retry: { retries: 0 }, logLevel: 0 })
    for (const attempt of [1, 2]) {
      await expect(kafka.admin().connect()).rejects.toMatchObject({ message: expect.stringContaining('timed out') })
      await ends[attempt - 1]
      expect(taken).toHaveLength(attempt)
    }
  } finally {
    for (const socket of taken) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})
