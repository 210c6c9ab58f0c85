import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Times that a thread was given the CPU: each time it woke up, and each time it was put aside while it had more to do. */
export interface ContextSwitches {
  voluntary: number
  involuntary: number
}

/**
 * Reads the counts out of a `/proc/<pid>/task/<tid>/status`.
 *
 * @throws Error where the text does not have them.
 */
export function parseContextSwitches(status: string): ContextSwitches {
  const read = (name: string): number => {
    const match = new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(status)
    if (match === null) throw new Error(`A thread's status has no ${name}: only Linux tells how often a thread woke up`)
    return Number(match[1])
  }
  return { voluntary: read('voluntary_ctxt_switches'), involuntary: read('nonvoluntary_ctxt_switches') }
}

/** The resident memory in a `/proc/<pid>/status`, in MiB. */
export function parseResidentMib(status: string): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  if (match === null) throw new Error('A process has no VmRSS in its status: it has ended')
  return Number(match[1]) / 1_024
}

/** Context switches of the main thread of a process, on which all JavaScript runs. */
export function readContextSwitches(pid: number): ContextSwitches {
  return parseContextSwitches(readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8'))
}

export function readResidentMib(pid: number): number {
  return parseResidentMib(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** Open sockets of a process, listening ones included. */
export function countSockets(pid: number): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:')
    } catch {
      // Closed since the folder was listed.
      return false
    }
  }).length
}
