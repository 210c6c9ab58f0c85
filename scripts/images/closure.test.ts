import { expect, test } from 'vitest'
import { computeClosure, type LockedPackage } from './closure.ts'

const lock: Record<string, LockedPackage> = {
  app: { dependencies: { '@our/kit': '1', zod: '4' } },
  'packages/kit': { dependencies: { logger: '1', '@types/node': '1' } },
  'node_modules/@our/kit': { resolved: 'packages/kit', link: true },
  'node_modules/zod': {},
  'node_modules/logger': { dependencies: { shared: '2' }, optionalDependencies: { 'fast-linux': '1', 'fast-mac': '1' }, peerDependencies: { zod: '4', absent: '1' }, peerDependenciesMeta: { absent: { optional: true } } },
  'node_modules/logger/node_modules/shared': { dependencies: { zod: '4' } },
  'node_modules/shared': {},
  'node_modules/fast-linux': { optional: true },
  'node_modules/fast-mac': { optional: true },
  'node_modules/eslint': {},
  'node_modules/@types/node': {},
}

test('what a program needs is followed through our packages, nested copies and optional ones that fit the machine', () => {
  expect(computeClosure(lock, 'app', (folder) => folder !== 'node_modules/fast-mac')).toEqual({
    workspaces: ['app', 'packages/kit'],
    packages: ['node_modules/fast-linux', 'node_modules/logger', 'node_modules/logger/node_modules/shared', 'node_modules/zod'],
  })
})

test.each([
  ['a package that is not installed is named', 'app', 'node_modules/zod', 'app needs zod, which is not installed: run npm ci'],
  ['a workspace that is not locked is named', 'other', '', 'package-lock.json knows no other: run npm install'],
])('%s', (_title, workspace, missing, message) => {
  expect(() => computeClosure(lock, workspace, (folder) => folder !== missing)).toThrow(message)
})
