import { expect, test } from 'vitest'
import { createRequest, Pieces } from './request.ts'

const encoded = (...pieces: string[]) => async () => new Pieces(pieces.map((piece) => Buffer.from(piece)))

test('a request has its length, what it asks for, its number, who asks, and the rest', async () => {
  const { buffer } = await createRequest({ correlationId: 7, clientId: 'wé', request: { apiKey: 1, apiVersion: 11, encode: encoded('one', '', 'two') } })
  expect(buffer.toString('latin1')).toBe('\0\0\0\x13' + '\0\x01' + '\0\x0b' + '\0\0\0\x07' + '\0\x03w\xc3\xa9' + 'onetwo')
})

test('one who has no name, and pieces that are one already', async () => {
  const { buffer } = await createRequest({ correlationId: 1, clientId: null, request: { apiKey: 3, apiVersion: 2, encode: async () => ({ buffer: Buffer.from('x') }) } })
  expect(buffer.toString('latin1')).toBe('\0\0\0\x0b' + '\0\x03' + '\0\x02' + '\0\0\0\x01' + '\xff\xff' + 'x')
  expect(new Pieces([Buffer.from('a'), Buffer.from('b')]).buffer.toString()).toBe('ab')
})

test('a large request takes as much memory as it has bytes', async () => {
  const { buffer } = await createRequest({ correlationId: 1, clientId: '', request: { apiKey: 0, apiVersion: 3, encode: encoded('x'.repeat(600_000), 'y'.repeat(300_000)) } })
  expect([buffer.length, buffer.buffer.byteLength]).toEqual([900_014, 900_014])
})
