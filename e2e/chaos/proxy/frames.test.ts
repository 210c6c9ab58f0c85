import { expect, test } from 'vitest'
import { FrameSplitter } from './frames.ts'

const message = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)])
const stream = Buffer.concat(['one', '', 'a longer one', 'x'].map(message))

test.each(Array.from({ length: stream.length }, (_, i) => i + 1))('messages come out whole, however the stream is cut: every %i bytes', (size) => {
  const splitter = new FrameSplitter()
  const texts: string[] = []
  for (let at = 0; at < stream.length; at += size) texts.push(...splitter.push(stream.subarray(at, at + size)).map((frame) => frame.toString('utf8', 4)))
  expect(texts).toEqual(['one', '', 'a longer one', 'x'])
})
