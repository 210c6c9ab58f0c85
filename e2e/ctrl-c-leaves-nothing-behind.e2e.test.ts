import { mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Cli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { descendantsOf, survivors } from './support/processes.ts'

const running = /^\d\d:\d\d running: .* processed [1-9]/m
// A folder for temporary files that nobody else on this machine writes to.
const folder = useFolder()
const temporary = folder.path('tmp')
mkdirSync(temporary)
const leftovers = () => readdirSync(temporary)
const startUp = () => new Cli(['up', '-f', 'config/samples/valid/hvac.yaml'], { TMPDIR: temporary })

async function startRun(): Promise<{ cli: Cli; pids: number[]; commands: string[] }> {
  const cli = startUp()
  await cli.says(running)
  const processes = descendantsOf(cli.pid)
  return { cli, pids: processes.map(({ pid }) => pid), commands: processes.map(({ command }) => command) }
}

test('Ctrl-C in the middle: everything stops in order, with a summary, and no process or folder is left', async () => {
  const { cli, pids, commands } = await startRun()
  expect(commands.filter((command) => /detector\/src\/main|simulator\/src\/main|kafka\.Kafka/.test(command))).toHaveLength(3)
  const pressedAt = Date.now()
  cli.kill('SIGINT')
  // A launcher passes the same press on once more.
  cli.kill('SIGINT')
  const { code, stdout } = await cli.exited
  expect(code).toBe(0)
  expect(Date.now() - pressedAt).toBeLessThan(20_000)
  expect(stdout).toMatch(/^Summary$/m)
  expect(await survivors(pids, 0)).toEqual([])
  expect(leftovers()).toEqual([])
})

test('Ctrl-C before anything was sent ends with 130', async () => {
  const cli = startUp()
  await cli.says(/Starting an embedded Kafka/)
  cli.kill('SIGINT')
  const { code, stdout } = await cli.exited
  expect(code).toBe(130)
  expect(stdout).not.toMatch(/^Summary$/m)
  expect(leftovers()).toEqual([])
})

test('kill -9 of the command itself leaves no process either', async () => {
  const { cli, pids } = await startRun()
  cli.kill('SIGKILL')
  await cli.exited
  expect(await survivors(pids, 30_000)).toEqual([])
})
