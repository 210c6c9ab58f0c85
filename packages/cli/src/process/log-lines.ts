/** What a child's log tells the parent; pure, fed line by line. */
export interface LogDigest {
  /** The port of its metrics and probes, once it has said so. */
  port: number | undefined
  /** Its last complaint, for the sentence that is printed when it fails. */
  lastError: string | undefined
}

const servingMessage = 'Serving metrics and probes'

/** Reads one line of pino JSON; any other line is the runtime speaking (a stack trace, a warning). */
export function digestLine(digest: LogDigest, line: string): LogDigest {
  const entry = parseEntry(line)
  if (entry === undefined) {
    // Of a stack trace the line that names the error tells most.
    return /^(?:Uncaught )?\w*(?:Error|Exception)\b.*:/.test(line) ? { ...digest, lastError: line.trim() } : digest
  }
  if (entry['msg'] === servingMessage && typeof entry['port'] === 'number') return { ...digest, port: entry['port'] }
  return entry['level'] === 'error' || entry['level'] === 'fatal' ? { ...digest, lastError: describeEntry(entry) } : digest
}

function describeEntry(entry: Record<string, unknown>): string {
  const message = typeof entry['msg'] === 'string' ? entry['msg'] : ''
  const error = (entry['err'] as { message?: unknown } | undefined)?.message
  if (typeof error !== 'string' || error === '' || message.includes(error)) return message
  return message === '' ? error : `${message}: ${error}`
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
