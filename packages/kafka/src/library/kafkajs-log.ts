import type { Logger } from '@tidewatch/kit'
import type { LogEntry } from 'kafkajs'

/** kafkajs' numbers; its own module is not named here, because it must not be loaded before it is put right. */
const ERROR = 1
const WARN = 2
const INFO = 4
const DEBUG = 5

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** What every change of a group's members looks like from inside: the way of the protocol, not a failure. */
const rebalances = /rebalanc|not aware of this member|generation id is not valid|valid member id|resync group/i

/**
 * What a retry hides a moment later. Where no retry helps, the call that asked fails, and says so.
 */
const passing = [
  // An answer that is an error is also thrown at whoever asked.
  /^Response /,
  /coordinator is not available|not the correct coordinator|coordinator is loading/i,
  /no leader for this topic|not the leader|does not host this topic|leader epoch/i,
  /connection (error|timeout)|closed connection|failed to (connect|send messages)|not connected|request timed out/i,
  /concurrent operation on the same transaction/i,
  // We are told of the cause, and say so.
  /^restarting the consumer in/i,
  // The sink bounds its attempts by time.
  /limiting retries/i,
]

/** What a retry may hide, and somebody has to mend all the same. Said when the broker answers so, once for each request. */
const diskError = /^Response .*\bdisk error\b/i
const diskWords = 'A broker of Kafka cannot write to its disk: free space there or give it a larger one; until then what is to be written waits and is tried again'

/**
 * How loudly something is worth saying that kafkajs says at a level of its own: it calls each attempt that it is about
 * to repeat an error, and each `pause` information.
 */
export function chooseLevel(level: number, text: string): Level {
  switch (level) {
    case ERROR:
    case WARN:
      if (rebalances.test(text)) return 'info'
      if (diskError.test(text)) return 'error'
      if (passing.some((pattern) => pattern.test(text))) return 'debug'
      return level === ERROR ? 'error' : 'warn'
    case INFO:
      return 'debug'
    default:
      return 'trace'
  }
}

/** kafkajs' log as lines of ours. */
export function bridgeLog(log: Logger): { logLevel: number; logCreator: () => (entry: LogEntry) => void } {
  return {
    // Its debug level writes a line or two per request: only where even trace is wanted.
    logLevel: log.isLevelEnabled('trace') ? DEBUG : INFO,
    logCreator:
      () =>
      ({ namespace, level, log: { message, timestamp: _, logger: __, ...fields } }) => {
        const text = `${String(message)} ${typeof fields['error'] === 'string' ? fields['error'] : ''}`
        log[chooseLevel(level, text)]({ part: `kafkajs ${namespace}`.trimEnd(), ...fields }, diskError.test(text) ? diskWords : String(message))
      },
  }
}
