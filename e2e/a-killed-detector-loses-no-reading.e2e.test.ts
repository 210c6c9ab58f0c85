import { expect, test } from 'vitest'
import { Cli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'
import { descendantsOf } from './support/processes.ts'

const folder = useFolder()

test('kill -9 of one of two detectors in the middle: another takes over and the counts still add up', async () => {
  const cli = new Cli(['up', '-f', 'e2e/manifests/short-hvac.yaml', '--min-replicas', '2', '--summary', folder.path('summary.json')])
  await cli.says(/^\d\d:\d\d running: .* processed [1-9]/m)
  const detectors = descendantsOf(cli.pid).filter(({ command }) => command.includes('detector/src/main.ts'))
  expect(detectors).toHaveLength(2)
  process.kill(detectors[0]!.pid, 'SIGKILL')

  const { code, stdout, stderr } = await cli.exited
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`detector short-hvac-\\d \\(pid ${detectors[0]!.pid}\\) was killed by SIGKILL: starting another`))
  const summary = folder.readJson('summary.json')
  expect(summary['sent']).toBeGreaterThan(5_300)
  expect(summary).toMatchObject({ processed: summary['sent'], deadLetters: 0, lag: 0, restarts: 1 })
})
