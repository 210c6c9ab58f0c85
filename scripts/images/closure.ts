/** What package-lock.json (version 3) says of one folder; only what is read here. */
export interface LockedPackage {
  /** A workspace's folder where `link` is true. */
  resolved?: string
  link?: boolean
  optional?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

/** What one program needs at run time: folders relative to the repository, sorted. */
export interface Closure {
  /** Folders of our own packages, the program itself among them. */
  workspaces: string[]
  /** Folders below node_modules. */
  packages: string[]
}

/**
 * Follows the dependencies of a workspace through the lock file, as Node would find them.
 *
 * @param isInstalled whether a folder is there: an optional package that npm left out is for another machine.
 * @throws Error naming a package that the lock file lacks or that is not installed.
 */
export function computeClosure(lock: Record<string, LockedPackage>, workspace: string, isInstalled: (folder: string) => boolean): Closure {
  const workspaces = new Set<string>()
  const packages = new Set<string>()
  const pending = [workspace]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const found = lock[folder]
    if (found === undefined) throw new Error(`package-lock.json knows no ${folder}: run npm install`)
    const target = found.link === true ? found.resolved : undefined
    const isWorkspace = target !== undefined || folder === workspace
    const own = isWorkspace ? workspaces : packages
    const path = target ?? folder
    if (own.has(path)) continue
    own.add(path)
    const described = lock[path] ?? found
    for (const [name, isOptional] of listDependencies(described)) {
      const dependency = resolveFolder(lock, path, name)
      if (dependency === undefined || !(lock[dependency]?.link === true || isInstalled(dependency))) {
        if (isOptional) continue
        throw new Error(`${path} needs ${name}, which is not installed: run npm ci`)
      }
      pending.push(dependency)
    }
  }
  return { workspaces: [...workspaces].sort(), packages: [...packages].sort() }
}

/** Name -> whether the package works without it. Type packages hold nothing that runs. */
function listDependencies(one: LockedPackage): Map<string, boolean> {
  const optional = Object.keys(one.optionalDependencies ?? {})
  const peers = Object.keys(one.peerDependencies ?? {})
  const all: [string, boolean][] = [
    ...peers.map((name): [string, boolean] => [name, one.peerDependenciesMeta?.[name]?.optional === true]),
    ...Object.keys(one.dependencies ?? {}).map((name): [string, boolean] => [name, false]),
    ...optional.map((name): [string, boolean] => [name, true]),
  ]
  return new Map(all.filter(([name]) => !name.startsWith('@types/')))
}

/** The node_modules folder in which `from` finds the package: the nearest one upwards. */
function resolveFolder(lock: Record<string, LockedPackage>, from: string, name: string): string | undefined {
  const parts = from.split('/')
  for (let depth = parts.length; depth >= 0; depth--) {
    if (parts[depth - 1] === 'node_modules') continue
    const candidate = [...parts.slice(0, depth), 'node_modules', name].join('/')
    if (lock[candidate] !== undefined) return candidate
  }
  return undefined
}
