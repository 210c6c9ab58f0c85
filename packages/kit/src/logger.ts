import { pino, type DestinationStream, type Logger } from 'pino'

export type { Logger }

/** Paths that never reach a log line in clear. */
const secretPaths = [
  'password',
  '*.password',
  '*.sasl.password',
  '*.key',
  '*.cert',
  'headers.authorization',
  '*["sasl.jaas.config"]',
]

/**
 * A JSON logger on standard output: level as a word, ISO time, the error under `err`, secrets redacted.
 *
 * Messages start with a capital, carry no full stop and no data; data goes in fields.
 */
export function createLogger(options: { name: string; level?: string; destination?: DestinationStream }): Logger {
  const { name, level = 'info', destination } = options
  return pino(
    {
      name,
      level,
      base: { name },
      redact: secretPaths,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  )
}
