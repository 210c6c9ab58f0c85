import type { DetectorConfig } from '@tidewatch/api'

/** What is told of that which scores above the threshold. */
export type Rules = Pick<DetectorConfig, 'direction' | 'minDeviation' | 'consecutive' | 'suppressForMs'>

/** Why a window is no anomaly although it scores above the threshold: the manifest's field that says so. */
export type HeldBack = 'direction' | 'minDeviation' | 'consecutive' | 'suppressFor'

/**
 * The rule that a window breaks by where it lies.
 *
 * @param deviation from what was expected; undefined for a window that has none, which is then neither above, nor below, nor far.
 */
export function checkDeviation({ direction, minDeviation }: Rules, deviation: number | undefined): HeldBack | undefined {
  const side = deviation === undefined || deviation === 0 ? 'Both' : deviation > 0 ? 'Above' : 'Below'
  if (direction !== 'Both' && side !== direction) return 'direction'
  return minDeviation > 0 && !(Math.abs(deviation ?? 0) >= minDeviation) ? 'minDeviation' : undefined
}

/** Whether what was told of a group before plays a part. */
export function looksBack({ consecutive, suppressForMs }: Rules): boolean {
  return consecutive > 1 || suppressForMs > 0
}
