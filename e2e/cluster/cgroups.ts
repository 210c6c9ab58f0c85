import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = '/sys/fs/cgroup'

/** The hierarchies of cgroup v1, or the one of v2. */
function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root]
  return readdirSync(root).map((name) => join(root, name)).filter((path) => statSync(path).isDirectory())
}

/** Makes a cgroup of this name in every hierarchy. */
export function createCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const path = join(hierarchy, name)
    mkdirSync(path, { recursive: true })
    // A new cpuset is empty, and nothing can run in an empty one.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const parent = join(hierarchy, file)
      if (existsSync(parent) && existsSync(join(path, file))) writeFileSync(join(path, file), readFileSync(parent))
    }
  }
}

/** Removes the cgroup and all below it, once its processes are gone: after their death that takes a moment. */
export async function removeCgroup(name: string, patienceMs = 20_000): Promise<void> {
  const deadlineMs = Date.now() + patienceMs
  for (const hierarchy of hierarchies()) {
    for (;;) {
      try {
        removeTree(join(hierarchy, name))
        break
      } catch (error) {
        if (Date.now() > deadlineMs) throw error
        await sleep(50)
      }
    }
  }
}

function removeTree(path: string): void {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(path, entry.name))
  rmdirSync(path)
}
