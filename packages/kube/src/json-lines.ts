/** Longest line taken: etcd refuses objects over 1.5 MiB, and their JSON may be a few times larger. */
const maxLineBytes = 32 * 1024 * 1024

/**
 * The JSON values of a stream with one value a line. Chunks may end anywhere, inside a character too: the line is cut out
 * of the bytes, where a newline is never part of another character.
 *
 * @throws SyntaxError when the stream ends in the middle of a line, a line is no JSON or longer than 32 MiB; and what the stream throws
 */
export async function* parseJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  let parts: Uint8Array[] = []
  let partBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8')
      parts = []
      partBytes = 0
      start = end + 1
      if (line.trim() !== '') yield JSON.parse(line)
    }
    if (start === chunk.length) continue
    parts.push(chunk.subarray(start))
    partBytes += chunk.length - start
    if (partBytes > maxLineBytes) throw new SyntaxError(`a line is longer than ${maxLineBytes} bytes`)
  }
  const rest = Buffer.concat(parts).toString('utf8')
  if (rest.trim() !== '') throw new SyntaxError(`the answer ended in the middle of a line, after "${rest.slice(-40)}"`)
}
