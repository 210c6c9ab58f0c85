import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { copyPackages, withDebian } from './base.ts'
import { runProgram } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-base-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

test('the wanted files of a package are copied to where they really lie, with a record of it for scanners', async () => {
  const root = join(folder, 'root')
  write(join(root, 'usr/lib/x86_64-linux-gnu/libz.so.1.2'), 'z')
  symlinkSync('libz.so.1.2', join(root, 'usr/lib/x86_64-linux-gnu/libz.so.1'))
  symlinkSync('usr/lib', join(root, 'lib'))
  write(join(root, 'usr/share/doc/zlib1g/copyright'), 'licence')
  write(join(root, 'usr/share/doc/zlib1g/changelog.gz'), 'long')
  const listed = ['/.', '/lib', '/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu/libz.so.1', '/lib/x86_64-linux-gnu/libz.so.1.2', '/usr/share/doc/zlib1g/copyright', '/usr/share/doc/zlib1g/changelog.gz', '/usr/share/man/excluded.gz']
  write(join(root, 'var/lib/dpkg/info/zlib1g:amd64.list'), `${listed.join('\n')}\n`)
  write(join(root, 'var/lib/dpkg/status'), 'Package: other\nVersion: 2\n\nPackage: zlib1g\nVersion: 1\n\n')
  const out = join(folder, 'out')
  await copyPackages(root, ['zlib1g'], out)
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  expect(files.map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1)).sort()).toEqual([
    'usr/lib/x86_64-linux-gnu/libz.so.1',
    'usr/lib/x86_64-linux-gnu/libz.so.1.2',
    'usr/share/doc/zlib1g/copyright',
    'var/lib/dpkg/status.d/zlib1g',
  ])
  await expect(copyPackages(root, ['absent'], out)).rejects.toThrow('The base of the images cannot be made: debootstrap did not install absent')
})

test('without debootstrap one sentence says what to do', async () => {
  vi.stubEnv('PATH', '/nowhere')
  await expect(withDebian(['tzdata'], async () => {})).rejects.toThrow('The base of the images cannot be made: debootstrap cannot be run: spawn debootstrap ENOENT; install it (apt-get install debootstrap), or start a Docker engine')
})

test('a program that fails is told with its last words', async () => {
  await expect(runProgram('sh', ['-c', 'echo working; echo "no such mirror" >&2; exit 3'])).rejects.toThrow('sh -c echo working; echo "no such mirror" >&2; exit 3 ended with 3: working | no such mirror')
})
