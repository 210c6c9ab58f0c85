import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessInfo {
  pid: number
  parent: number
  command: string
}

/** Every process of the machine, from /proc. */
function listProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        // The name in brackets may hold anything, so fields are counted from the last bracket.
        const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return []
        return [{ pid: Number(name), parent: Number(parent), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
      } catch {
        return []
      }
    })
}

/** The processes below one, whatever their depth. */
export function descendantsOf(pid: number): ProcessInfo[] {
  const all = listProcesses()
  const below = (parent: number): ProcessInfo[] => all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)])
  return below(pid)
}

/** Which of them still run, after a moment of grace. */
export async function survivors(pids: readonly number[], graceMs = 3_000): Promise<ProcessInfo[]> {
  const deadline = Date.now() + graceMs
  for (;;) {
    const alive = listProcesses().filter(({ pid }) => pids.includes(pid))
    if (alive.length === 0 || Date.now() > deadline) return alive
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
