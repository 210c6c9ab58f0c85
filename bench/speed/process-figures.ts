import { readFileSync } from 'node:fs'

/** What the kernel tells of a process, or of several added up. */
export interface ProcessFigures {
  cpuMs: number
  rssBytes: number
  /** The largest resident size so far (VmHWM). */
  peakRssBytes: number
}

/** Linux shows CPU times in hundredths of a second, whatever the kernel counts in. */
const msPerTick = 10

/** User and system time of all threads, from /proc/PID/stat. The name in it may hold spaces and brackets. */
export function parseCpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}

/** From /proc/PID/status. @throws Error where a line is missing. */
export function parseMemory(status: string): Pick<ProcessFigures, 'rssBytes' | 'peakRssBytes'> {
  const bytesOf = (name: string): number => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
    if (kibibytes === undefined) throw new Error(`/proc tells no ${name} of the process: it has ended`)
    return Number(kibibytes) * 1_024
  }
  return { rssBytes: bytesOf('VmRSS'), peakRssBytes: bytesOf('VmHWM') }
}

export function readFigures(pids: readonly number[]): ProcessFigures {
  const sum: ProcessFigures = { cpuMs: 0, rssBytes: 0, peakRssBytes: 0 }
  for (const pid of pids) {
    const { rssBytes, peakRssBytes } = parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'))
    sum.cpuMs += parseCpuMs(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    sum.rssBytes += rssBytes
    sum.peakRssBytes += peakRssBytes
  }
  return sum
}
