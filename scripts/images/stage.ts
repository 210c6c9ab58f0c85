import { existsSync } from 'node:fs'
import { chmod, copyFile, lstat, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder, writeText } from './base.ts'
import { computeClosure, type LockedPackage } from './closure.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The programs that become images. */
export const appNames = ['operator', 'detector', 'simulator'] as const
export type AppName = (typeof appNames)[number]

/** Whether a file of our own packages goes into an image. */
export const isOurs = (path: string) => !/\.test\.ts$|(^|\/)(testing|__snapshots__|node_modules)(\/|$)|\.md$/.test(path)

/**
 * Of packages of others everything goes but what only compilers, debuggers and readers use; TypeScript too, which Node
 * does not run below node_modules. Licences stay.
 */
const isTheirs = (path: string) => isForThisMachine(path) && !/\.[cm]?ts$|\.map$|\.flow$|(^|\/)(README|CHANGELOG|HISTORY|CONTRIBUTING|SECURITY)[^/]*\.md$|(^|\/)node_modules(\/|$)/i.test(path)

/**
 * Puts everything that a program needs at run time below `out`/app: our sources where Node may strip their types
 * (outside node_modules, which only holds links to them), and the packages of others from node_modules.
 */
export async function stageApp(app: AppName, out: string, root = repository): Promise<void> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }
  const { workspaces, packages } = computeClosure(lock.packages, app, (folder) => existsSync(join(root, folder)))
  const target = join(out, 'app')
  await writeText(join(target, 'package.json'), `${JSON.stringify({ private: true, type: 'module' })}\n`)
  for (const folder of workspaces) await copyTree(join(root, folder), join(target, folder), isOurs)
  for (const folder of packages) await copyTree(join(root, folder), join(target, folder), isTheirs)
  const links = Object.entries(lock.packages).filter(([, one]) => one.link === true && one.resolved !== app && workspaces.includes(one.resolved ?? ''))
  for (const [path, { resolved }] of links) {
    await makeFolder(dirname(join(target, path)))
    await symlink(`${'../'.repeat(path.split('/').length - 1)}${resolved}`, join(target, path))
  }
}

/** Programs that a package brings for many platforms (`bin/napi-v6/linux/x64/...`): an image is for Linux and for one kind of processor. */
export function isForThisMachine(path: string): boolean {
  const [, platform, processor] = /(?:^|\/)bin\/napi-v\d+\/(\w+)\/(\w+)\//.exec(path) ?? []
  return platform === undefined || (platform === 'linux' && processor === process.arch)
}

/** Copies the files of a tree that are chosen by their path in it; folders without any do not come along. */
export async function copyTree(from: string, to: string, isChosen: (path: string) => boolean): Promise<void> {
  for (const path of (await readdir(from, { recursive: true })).sort()) {
    if (!isChosen(path)) continue
    const source = join(from, path)
    const found = await lstat(source)
    if (found.isDirectory()) continue
    const target = join(to, path)
    await makeFolder(dirname(target))
    if (found.isSymbolicLink()) {
      await symlink(await readlink(source), target)
      continue
    }
    await copyFile(source, target)
    await chmod(target, (found.mode & 0o111) === 0 ? 0o644 : 0o755)
  }
}

// Run by images/Dockerfile, so that both ways of building an image put the same files into it.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [app, out] = process.argv.slice(2)
  if (!appNames.includes(app as AppName) || out === undefined) throw new Error(`usage: node scripts/images/stage.ts ${appNames.join('|')} <folder>`)
  await rm(out, { recursive: true, force: true })
  await stageApp(app as AppName, out)
}
