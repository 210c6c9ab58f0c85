import * as z from 'zod'
import { duration, parseDuration, positiveDuration, whereDurations } from '../duration.ts'
import { exactlyOneOf, withRules } from '../rules.ts'

/** More panes than this in one window would cost memory without telling more. */
export const maxPanesPerWindow = 1_000

const sizeAndSlide = ['self.size', 'self.slide']
const sizeMs = 'duration(self.size).getMilliseconds()'
const slideMs = 'duration(self.slide).getMilliseconds()'

const sliding = withRules(
  z.strictObject({
    size: positiveDuration().describe('Length of a window.'),
    slide: positiveDuration().describe('Distance between the starts of two windows; it divides size.'),
  }),
  {
    cel: whereDurations(sizeAndSlide, 'duration(self.slide) <= duration(self.size)'),
    message: 'the slide is longer than the window, so readings would fall between windows: write a slide of at most size',
    field: 'slide',
    holds: ({ size, slide }) => parseDuration(slide) <= parseDuration(size),
  },
  {
    cel: whereDurations(sizeAndSlide, `duration(self.slide) > duration(self.size) || ${slideMs} == 0 || ${sizeMs} % ${slideMs} == 0`),
    message: 'the slide does not divide the size: write, for example, size "60s" and slide "10s"',
    field: 'slide',
    holds: ({ size, slide }) => parseDuration(slide) > parseDuration(size) || parseDuration(slide) === 0 || parseDuration(size) % parseDuration(slide) === 0,
  },
  {
    cel: whereDurations(sizeAndSlide, `${slideMs} == 0 || ${sizeMs} <= ${maxPanesPerWindow} * ${slideMs}`),
    message: `a window may be at most ${maxPanesPerWindow} slides long: write a longer slide`,
    field: 'slide',
    holds: ({ size, slide }) => parseDuration(slide) === 0 || parseDuration(size) <= maxPanesPerWindow * parseDuration(slide),
  },
)

export const window = withRules(
  z.strictObject({
    tumbling: z
      .strictObject({ size: positiveDuration().describe('Length of a window.') })
      .optional()
      .describe('Windows side by side.'),
    sliding: sliding.optional().describe('Windows that overlap.'),
    session: z
      .strictObject({
        gap: positiveDuration().describe('A pause this long ends a session.'),
        maxDuration: positiveDuration().default('1h').describe('A session is ended at this length even without a pause. Default: 1h.'),
      })
      .optional()
      .describe('Windows bounded by pauses of the device.'),
    none: z.strictObject({}).optional().describe('No window: every reading is judged by itself.'),
    allowedLateness: duration().default('5s').describe('How far behind the newest reading of its partition a reading may be. Default: 5s.'),
    maxClockSkew: duration().default('5m').describe('How far ahead of the clock an event time may be; a reading beyond it is a dead letter. Default: 5m.'),
    idleTimeout: positiveDuration().default('30s').describe('A partition without readings for so long moves its watermark with the clock. Default: 30s.'),
  }),
  exactlyOneOf('tumbling', 'sliding', 'session', 'none'),
).describe('How readings are grouped in event time.')
