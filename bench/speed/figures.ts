import type { ProcessFigures } from './process-figures.ts'

/** What the kernel told at a moment; milliseconds since the epoch. */
export interface Sample extends ProcessFigures {
  atMs: number
}

/** One run of a contender. */
export interface RunFigures {
  readingsPerSecond: number
  /** Readings for each second of CPU time of its processes. */
  perCpuSecond: number
  windowsPerSecond: number
  windows: number
  peakRssBytes: number
  bytesPerDevice: number
  startUpSeconds: number
  seconds: number
}

/**
 * @param samples in the order of time; the first is from the start of the process.
 * @param beganMs when it read its first record. @param endedMs when its last window was there.
 */
export function computeFigures(run: { samples: readonly Sample[]; beganMs: number; endedMs: number; readings: number; windows: number; devices: number }): RunFigures {
  const { samples, beganMs, endedMs, readings, windows, devices } = run
  const [first, last] = [samples[0]!, samples.at(-1)!]
  const seconds = (endedMs - beganMs) / 1_000
  const cpuSeconds = (cpuAt(samples, endedMs) - cpuAt(samples, beganMs)) / 1_000
  const rssAtBegin = (samples.findLast(({ atMs }) => atMs <= beganMs) ?? first).rssBytes
  return {
    readingsPerSecond: readings / seconds,
    perCpuSecond: readings / cpuSeconds,
    windowsPerSecond: windows / seconds,
    windows,
    peakRssBytes: last.peakRssBytes,
    bytesPerDevice: Math.max(0, last.peakRssBytes - rssAtBegin) / devices,
    startUpSeconds: (beganMs - first.atMs) / 1_000,
    seconds,
  }
}

/** CPU time at a moment, between two samples in proportion. */
function cpuAt(samples: readonly Sample[], atMs: number): number {
  const after = samples.findIndex((sample) => sample.atMs >= atMs)
  if (after < 0) return samples.at(-1)!.cpuMs
  const [next, before] = [samples[after]!, samples[after - 1]]
  if (before === undefined) return next.cpuMs
  return before.cpuMs + ((next.cpuMs - before.cpuMs) * (atMs - before.atMs)) / (next.atMs - before.atMs)
}
