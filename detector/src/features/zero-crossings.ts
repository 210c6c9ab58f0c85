import type { Feature } from './feature.ts'

/**
 * How often the readings, in the order of event time, change from one side of the window's mean to the other.
 *
 * The field counts sign changes of a signal without a constant part; a temperature has one, so the mean is
 * taken off first. A reading exactly at the mean is on the side of the one before it. A pane that kept only a
 * sample of its readings gives too small a number.
 */
export const zeroCrossings: Feature = {
  scale: 'log',
  needs: { samples: true },
  compute({ samples, mean }) {
    const readings: { timeMs: number; value: number }[] = []
    for (const { values, timesMs, length } of samples) {
      for (let i = 0; i < length; i++) readings.push({ timeMs: timesMs[i]!, value: values[i]! })
    }
    // The sort is stable: readings of one moment stay in the order in which they came.
    readings.sort((a, b) => a.timeMs - b.timeMs)
    let crossings = 0
    let side = 0
    for (const { value } of readings) {
      const now = Math.sign(value - mean)
      if (now === 0) continue
      if (side !== 0 && now !== side) crossings++
      side = now
    }
    return crossings
  },
}
