import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a node does to the machine that it runs on: each thing one line, such as `mount /run/netns/x`. */
export function readHostState(): string[] {
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').filter((line) => line !== '')
  return [
    ...run('ip', '-brief', 'link').map((line) => `interface ${line.split(/\s+/)[0]}`),
    ...run('ip', 'route').map((line) => `route ${line.trim()}`),
    ...run('ip', 'netns').map((line) => `network ${line}`),
    // Without comments (they hold the time) and counters.
    ...run('iptables-save').filter((line) => !line.startsWith('#')).map((line) => `iptables ${line.replace(/\[\d+:\d+\]/, '').trim()}`),
    ...readFileSync('/proc/mounts', 'utf8').trimEnd().split('\n').map((line) => `mount ${line.split(' ')[1]}`),
    ...readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory()).flatMap(({ name }) => listCgroups(name)),
    ...listNodeProcesses(),
  ]
}

const listCgroups = (hierarchy: string): string[] =>
  readdirSync(`/sys/fs/cgroup/${hierarchy}`, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `cgroup ${hierarchy}/${name}`)

/** Processes that only a node has; other tests start API servers at the same time. */
function listNodeProcesses(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const [command = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return /(^|\/)(containerd|containerd-shim-runc-v2|kubelet|kube-proxy|kube-scheduler|coredns|pause|unshare)$/.test(command) ? [`process ${command}`] : []
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}
