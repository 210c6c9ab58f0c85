/** A request of Kafka's protocol, as far as a proxy needs to understand it: https://kafka.apache.org/protocol, request header v1 and v2. */
export interface Request {
  apiKey: number
  apiVersion: number
  correlationId: number
  /** Undefined where the client gives none. */
  clientId: string | undefined
  /** What comes after the client id; of a flexible version its tagged fields too. */
  body: Buffer
}

/** Numbers of the requests that a chaos run knows by name. */
export const api = {
  produce: 0,
  fetch: 1,
  offsetCommit: 8,
  syncGroup: 14,
  initProducerId: 22,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const

/** Size, api key, api version, correlation id, length of the client id. */
const fixedBytes = 14

/**
 * Reads the header of a request.
 *
 * @param frame the whole request, its four bytes of size included.
 * @returns undefined for what is too short to be one.
 */
export function parseRequest(frame: Buffer): Request | undefined {
  if (frame.length < fixedBytes) return undefined
  const idBytes = frame.readInt16BE(12)
  const bodyAt = fixedBytes + Math.max(0, idBytes)
  if (bodyAt > frame.length) return undefined
  return {
    apiKey: frame.readInt16BE(4),
    apiVersion: frame.readInt16BE(6),
    correlationId: frame.readInt32BE(8),
    clientId: idBytes < 0 ? undefined : frame.toString('utf8', fixedBytes, bodyAt),
    body: frame.subarray(bodyAt),
  }
}

/** The transactional id of a Produce (versions 3 to 8) or InitProducerId (0 and 1) request; undefined where there is none. */
export function transactionalIdOf({ apiKey, body }: Request): string | undefined {
  if ((apiKey !== api.produce && apiKey !== api.initProducerId) || body.length < 2) return undefined
  const length = body.readInt16BE(0)
  return length < 0 ? undefined : body.toString('utf8', 2, 2 + length)
}

/** The group's generation that a SyncGroup request (versions 0 to 3) is about; undefined for other requests. */
export function generationOf({ apiKey, body }: Request): number | undefined {
  if (apiKey !== api.syncGroup || body.length < 2) return undefined
  const at = 2 + body.readInt16BE(0)
  return at + 4 <= body.length ? body.readInt32BE(at) : undefined
}

/** True where the request names the topic: versions that kafkajs speaks write names, not ids. */
export function namesTopic({ body }: Request, topic: string): boolean {
  return body.includes(topic)
}
