import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { CommandFailed, runProgram } from './run.ts'

/** Debian's release that everything is taken from; the same as that of the base image of images/Dockerfile. */
export const suite = 'bookworm'

/** What a Node program loads at run time, and nothing that installs, edits or listens: no shell, no package manager. */
export const basePackages = ['base-files', 'ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'tzdata'] as const

/** What a Java program needs beside them. */
export const javaPackages = ['openjdk-17-jre-headless', 'zlib1g'] as const

/** Documentation, translations and conversions between character sets, which Node and Java bring themselves. */
const left = [/^usr\/share\/(man|info|locale|lintian|base-files|bug|dict|misc|common-licenses|ca-certificates)(\/|$)/, /\/gconv(\/|$)/, /^(var|boot|media|mnt|opt|srv)(\/|$)/, /^etc\/(dpkg|update-motd\.d|skel)(\/|$)/]
const isLicence = (path: string) => path.endsWith('/copyright')

/** Whether a file of a package goes into an image. */
export function isWanted(path: string): boolean {
  // The links of the merged /usr; `fillBase` makes them.
  if (!path.includes('/')) return false
  if (path.startsWith('usr/share/doc/')) return isLicence(path)
  return !left.some((pattern) => pattern.test(path))
}

/**
 * Installs a minimal Debian into a temporary folder, lends it to `use`, and removes it.
 *
 * @throws Error that says what to do where debootstrap is missing or has no network.
 */
export async function withDebian<T>(packages: readonly string[], use: (root: string) => Promise<T>): Promise<T> {
  const workplace = await mkdtemp(join(tmpdir(), 'tidewatch-debian-'))
  const root = join(workplace, 'root')
  try {
    await runProgram('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, root])
    return await use(root)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const advice = error.exitCode === undefined ? 'install it (apt-get install debootstrap), or start a Docker engine' : 'it needs root and the network'
    throw new Error(`The base of the images cannot be made: ${error.message}; ${advice}`, { cause: error })
  } finally {
    await rm(workplace, { recursive: true, force: true })
  }
}

/** Copies the files of the packages out of a Debian root into `out`. */
export async function copyPackages(root: string, packages: readonly string[], out: string): Promise<void> {
  for (const name of packages) {
    for (const path of await listFiles(root, name)) if (isWanted(path)) await copyEntry(root, path, out)
    await writeRecord(root, name, out)
  }
}

/** The image's root without any program of ours: libraries, certificates, time zones, users, empty mount points. */
export async function fillBase(root: string, out: string): Promise<void> {
  await mkdir(out)
  // Debian's merged /usr: the loader's path in every binary goes through lib64.
  for (const link of ['bin', 'lib', 'lib64', 'sbin']) await symlink(await readlink(join(root, link)), join(out, link))
  await copyPackages(root, basePackages, out)
  await copyEntry(root, 'etc/ssl/certs/ca-certificates.crt', out)
  await writeText(join(out, 'etc/passwd'), 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n')
  await writeText(join(out, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\nnogroup:x:65534:\n')
  await writeText(join(out, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n')
  for (const folder of ['dev', 'home/nonroot', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/local/bin', 'var/tmp']) await makeFolder(join(out, folder))
  for (const folder of ['tmp', 'var/tmp']) await chmod(join(out, folder), 0o1777)
}

/** The paths that dpkg wrote for a package, without their leading slash and with links among the folders resolved. */
async function listFiles(root: string, name: string): Promise<string[]> {
  const listing = (await readdir(join(root, 'var/lib/dpkg/info'))).find((file) => file === `${name}.list` || (file.startsWith(`${name}:`) && file.endsWith('.list')))
  if (listing === undefined) throw new Error(`The base of the images cannot be made: debootstrap did not install ${name}`)
  const lines = (await readFile(join(root, 'var/lib/dpkg/info', listing), 'utf8')).trimEnd().split('\n')
  const paths: string[] = []
  for (const line of lines.filter((path) => path !== '/.')) {
    // What dpkg lists as /lib/x lies in /usr/lib/x; a package may also leave out what it lists (excluded documents).
    const parent = await realpath(join(root, dirname(line))).catch(() => undefined)
    if (parent !== undefined) paths.push(join(relative(root, parent), basename(line)))
  }
  return paths
}

async function copyEntry(root: string, path: string, out: string): Promise<void> {
  const source = join(root, path)
  const target = join(out, path)
  const found = await lstat(source).catch(() => undefined)
  // Folders come with what is in them, so that none is empty but those that are wanted.
  if (found === undefined || found.isDirectory()) return
  await makeFolder(dirname(target))
  if (await lstat(target).catch(() => undefined)) return
  if (found.isSymbolicLink()) return symlink(await readlink(source), target)
  await copyFile(source, target)
  await chmod(target, found.mode & 0o777)
}

/** One file per package, as scanners of images look for them where there is no dpkg. */
async function writeRecord(root: string, name: string, out: string): Promise<void> {
  const records = (await readFile(join(root, 'var/lib/dpkg/status'), 'utf8')).split('\n\n')
  const record = records.find((text) => text.startsWith(`Package: ${name}\n`))
  await writeText(join(out, 'var/lib/dpkg/status.d', name), `${record ?? `Package: ${name}`}\n`)
}

export async function writeText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path))
  await writeFile(path, text)
  await chmod(path, 0o644)
}

/** Makes a folder and those above it, readable to everybody whatever the umask. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await chmod(folder, 0o755)
}
