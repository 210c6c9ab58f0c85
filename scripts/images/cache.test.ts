import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ensureCached, imagesCacheDir, removeOlder } from './cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-cache-'))
afterEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name), { recursive: true })))
const target = join(folder, 'layer.tar')

test('what is in the cache is not made again', async () => {
  const texts = ['first', 'second']
  const make = async (path: string) => writeFileSync(path, texts.shift()!)
  await ensureCached(target, make)
  await ensureCached(target, make)
  expect(readFileSync(target, 'utf8')).toBe('first')
})

test('what failed half-way leaves nothing, and the next one makes it whole', async () => {
  const fails = ensureCached(target, async (path) => {
    writeFileSync(path, 'half')
    throw new Error('no space left')
  })
  await expect(fails).rejects.toThrow('no space left')
  expect(readdirSync(folder)).toEqual([])
  await ensureCached(target, async (path) => writeFileSync(path, 'whole'))
  expect(readFileSync(target, 'utf8')).toBe('whole')
})

test('of two that make the same at once, both end well', async () => {
  const make = async (path: string) => writeFileSync(path, 'same')
  expect(await Promise.all([ensureCached(target, make), ensureCached(target, make)])).toEqual([target, target])
  expect(readdirSync(folder)).toEqual(['layer.tar'])
})

test('what a killed run left is removed by a later one, and what another run works on is not', async () => {
  for (const [name, atSeconds] of [['.unfinished-old', 1_000], ['.unfinished-new', Date.now() / 1_000]] as const) {
    mkdirSync(join(folder, name))
    utimesSync(join(folder, name), atSeconds, atSeconds)
  }
  await ensureCached(target, async (path) => writeFileSync(path, 'x'))
  expect(readdirSync(folder)).toEqual(['.unfinished-new', 'layer.tar'])
})

test('only what is chosen and old enough is removed', async () => {
  for (const [name, atSeconds] of [['a-old', 10], ['a-new', 90], ['b-old', 10]] as const) {
    writeFileSync(join(folder, name), '')
    utimesSync(join(folder, name), atSeconds, atSeconds)
  }
  await removeOlder(folder, (name) => name.startsWith('a-'), 60_000, 100_000)
  expect(readdirSync(folder)).toEqual(['a-new', 'b-old'])
})

test('the cache lies where the environment says, else below the home', () => {
  expect(imagesCacheDir({ TIDEWATCH_CACHE_DIR: '/c' })).toBe('/c/images')
  expect(imagesCacheDir({})).toMatch(/\.cache\/tidewatch\/images$/)
})
