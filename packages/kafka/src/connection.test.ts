import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { assertReachable, parseBrokers } from './connection.ts'

test('addresses are a list or a string with commas', () => {
  expect(parseBrokers('a:1, b.example.com:9092')).toEqual(['a:1', 'b.example.com:9092'])
  expect(parseBrokers(['127.0.0.1:9092'])).toEqual(['127.0.0.1:9092'])
})

test.each(['', 'kafka', 'kafka:', 'kafka:0', 'http://kafka:9092', 'a:1,,b:2'])('"%s" is not an address', (brokers) => {
  expect(() => parseBrokers(brokers)).toThrow('is not the address of a Kafka broker: write it as host:port')
})

test('an address where nobody listens is an error that says the address, the time, the attempts and the reason', async () => {
  await expect(assertReachable({ brokers: '127.0.0.1:1', clientId: 'test' }, 700)).rejects.toThrow(
    /^No Kafka broker answered at 127\.0\.0\.1:1 within 0\.7 s \(tried [3-9] times: connect ECONNREFUSED\): check the address, and that it can be reached from here$/,
  )
})

test('something that takes connections and says nothing is not a broker', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const reaching = assertReachable({ brokers: `127.0.0.1:${port}`, clientId: 'test' }, 300)
  await expect(reaching).rejects.toThrow('tried 1 time: connected, but had no answer')
  server.close()
})
