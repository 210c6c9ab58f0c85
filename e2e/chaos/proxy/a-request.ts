/** A string of Kafka's protocol: its length in two bytes before it, -1 for none. */
export function nullable(text: string | null | undefined): Buffer {
  const length = Buffer.alloc(2)
  length.writeInt16BE(text === undefined || text === null ? -1 : Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text ?? '')])
}

/** A request as it lies on the wire, in a version that is not flexible: its size, its head, its body. */
export function aRequest(apiKey: number, body: Buffer, { apiVersion = 0, correlationId = 1, clientId = 'test' }: { apiVersion?: number; correlationId?: number; clientId?: string | null } = {}): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt16BE(apiKey, 0)
  head.writeInt16BE(apiVersion, 2)
  head.writeInt32BE(correlationId, 4)
  const rest = Buffer.concat([head, nullable(clientId), body])
  const size = Buffer.alloc(4)
  size.writeInt32BE(rest.length)
  return Buffer.concat([size, rest])
}
