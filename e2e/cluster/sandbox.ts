import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, type Child } from './child.ts'

/**
 * A place on this machine with its own network, mounts and processes, as a virtual machine would have. What a node
 * does to a host (interfaces, iptables rules, mounts, containers) happens in it and is gone with its first process:
 *
 *     host   10.198.0.1  --- veth ---  10.198.0.2  sandbox   10.197.0.0/16 pods, 10.196.0.0/16 services
 */
export interface Sandbox {
  /** Starts a program in it. */
  start(command: string, args: readonly string[], logFile: string): Promise<Child>
  /** Runs a program in it to its end. @throws with what it printed. */
  run(command: string, ...args: string[]): string
  /** Ends everything in it; nothing of it is left. */
  stop(): Promise<void>
}

export const hostAddress = '10.198.0.1'
export const nodeAddress = '10.198.0.2'
export const podRange = '10.197.0.0/16'
const hostInterface = 'tidewatch0'

/** What `setupKernelTunables` of the kubelet insists on. */
const kubeletSettings = [
  ['vm/overcommit_memory', 1],
  ['vm/panic_on_oom', 0],
  ['kernel/panic', 10],
  ['kernel/panic_on_oops', 1],
  ['kernel/keys/root_maxkeys', 1_000_000],
  ['kernel/keys/root_maxbytes', 25_000_000],
] as const

/** Whether one exists on this machine already: there is one address for it. */
export const isSandboxThere = (): boolean => spawnSync('ip', ['link', 'show', hostInterface], { stdio: 'ignore' }).status === 0

/**
 * @param init a program that waits for its end and takes in orphans: the first process of the sandbox.
 * @param routes address ranges that are reached through it.
 */
export async function startSandbox({ init, folder, routes }: { init: string; folder: string; routes: readonly string[] }): Promise<Sandbox> {
  const holder = await startChild(
    'unshare',
    ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc', init],
    { logFile: join(folder, 'sandbox.log') },
  )
  try {
    const pid = String(await findChild(holder.pid))
    const enter = ['--target', pid, '--net', '--mount', '--pid', '--']
    const run = (command: string, ...args: string[]) => execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

    execFileSync('ip', ['link', 'add', hostInterface, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid])
    execFileSync('ip', ['address', 'add', `${hostAddress}/30`, 'dev', hostInterface])
    execFileSync('ip', ['link', 'set', hostInterface, 'up'])
    run('ip', 'link', 'set', 'lo', 'up')
    run('ip', 'address', 'add', `${nodeAddress}/30`, 'dev', 'eth0')
    run('ip', 'link', 'set', 'eth0', 'up')
    run('ip', 'route', 'add', 'default', 'via', hostAddress)
    for (const range of routes) execFileSync('ip', ['route', 'add', range, 'via', nodeAddress])
    run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')

    // What programs insist on writing to fixed places stays in here.
    run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
    const upper = join(folder, 'var-lib')
    for (const part of ['upper', 'work']) mkdirSync(join(upper, part), { recursive: true })
    run('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=/var/lib,upperdir=${join(upper, 'upper')},workdir=${join(upper, 'work')}`, '/var/lib')

    // The kubelet sets these for the whole machine where they are not as it wants them; here they always are.
    mkdirSync(join(folder, 'sysctl'))
    for (const [name, value] of kubeletSettings) {
      const file = join(folder, 'sysctl', name.replaceAll('/', '.'))
      writeFileSync(file, `${value}\n`)
      run('mount', '--bind', file, `/proc/sys/${name}`)
    }

    return {
      run,
      start: (command, args, logFile) => startChild('nsenter', [...enter, command, ...args], { logFile }),
      // The interface goes with the network at its other end.
      stop: () => holder.stop(0),
    }
  } catch (error) {
    await holder.stop(0)
    throw error
  }
}

/** The one child of `unshare`: the first process of the new namespace, by its number outside. */
async function findChild(parent: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      try {
        // pid (comm) state ppid
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [, parentId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const isSet = stat.includes('(pause)')
        if (Number(parentId) === parent && isSet) return Number(name)
      } catch {
        // It has ended meanwhile.
      }
    }
    await sleep(20)
  }
  throw new Error(`no process began in the sandbox of ${parent}`)
}
