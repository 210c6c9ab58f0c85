/** What a caller may do about an error: try again with growing pauses, never, or after a stated time. */
export type Retry = 'backoff' | 'never' | { afterMs: number }

/**
 * An error that carries its own code and retry class. The message says where, what and what to do; `cause`
 * keeps the error underneath.
 */
export class AppError extends Error {
  readonly code: string
  readonly retry: Retry

  constructor(code: string, retry: Retry, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = code
    this.code = code
    this.retry = retry
  }
}

/** A constructor of one kind of `AppError`; its code is written once, where it is defined. */
export interface ErrorKind {
  readonly code: string
  new (message: string, options?: ErrorOptions): AppError
}

/** Defines a kind of error: `const PortInUse = defineError('PORT_IN_USE', { retry: 'never' })`. */
export function defineError(code: string, { retry }: { retry: Retry }): ErrorKind {
  return class extends AppError {
    static readonly code = code
    constructor(message: string, options?: ErrorOptions) {
      super(code, retry, message, options)
    }
  }
}

/** The message of anything that was thrown, with the messages of its causes behind it. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const cause = thrown.cause === undefined ? '' : messageOf(thrown.cause)
  return cause === '' || thrown.message.includes(cause) ? thrown.message : `${thrown.message}: ${cause}`
}

/** The `code` of a Node.js or Kafka error, such as `EADDRINUSE`, or undefined. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
