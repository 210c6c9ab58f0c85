import * as z from 'zod'
import { parseDuration, positiveDuration, whereDurations } from '../duration.ts'
import { atMostOneOf, withRules } from '../rules.ts'

/** After so long a device is forgotten, with its model: a later silence of it nobody could tell. */
export const longestSilenceMs = 86_400_000

/** Of its usual intervals that a device may miss, where nothing else is said. */
export const defaultMissedIntervals = 5

const limit = withRules(positiveDuration(), {
  cel: whereDurations(['self'], "duration(self) <= duration('24h')"),
  message: 'a device unheard of for a day is forgotten: write at most "24h"',
  holds: (value) => parseDuration(value) <= longestSilenceMs,
})

export const silence = withRules(
  z.strictObject({
    after: limit
      .optional()
      .describe('A group key is silent when nothing was heard of it for so long, in event time; at most 24h. Write it where you know how long is too long, such as "5m".'),
    missedIntervals: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe(
        `Instead of after: how many of its usual intervals a group key may miss. The usual interval is learned for each: the longest lately between two readings. Never less than window.idleTimeout, nor more than 24h. Default: ${defaultMissedIntervals}, where after is not set.`,
      ),
  }),
  atMostOneOf('after', 'missedIntervals'),
)
  .optional()
  .describe(
    'Report a group key that stops sending: one anomaly for each silence. Write "silence: {}" for a limit that is learned for each. Default: none is reported, because only you know which devices are silent on purpose (at night, between two events).',
  )
