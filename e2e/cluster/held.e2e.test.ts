import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findHeldCluster, heldKubeconfig } from './held.ts'
import { readHostState } from './host-state.ts'
import { isLocalClusterThere } from './local.ts'
import { obtainCluster } from './obtain.ts'

const script = fileURLToPath(new URL('../../scripts/cluster.ts', import.meta.url))
// An engine that does not answer, whatever this machine has: what is tested is the cluster without one.
const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere.sock' }
const cluster = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env })
  return { status, said: stdout + stderr }
}

let before: string[]
beforeAll(() => {
  before = readHostState()
})
afterAll(() => {
  cluster('down')
})

test('"cluster up" leaves a cluster running, which a second "up" and the stories take', async () => {
  expect(cluster('up')).toEqual({
    status: 0,
    said: expect.stringMatching(new RegExp(`^cluster: no kind \\(no Docker engine answers\\): one is made on this machine\\ncluster: local, ready after [\\d.]+ s\\nexport KUBECONFIG=${heldKubeconfig()}\\n$`)),
  })
  expect(cluster('up')).toEqual({ status: 0, said: `cluster: local, runs already\nexport KUBECONFIG=${heldKubeconfig()}\n` })
  const held = await findHeldCluster()
  expect(cluster('status')).toEqual({ status: 0, said: `local, KUBECONFIG=${heldKubeconfig()}, held by process ${held!.pid}\n` })

  const found = await obtainCluster()
  expect({ kind: found.kind, kubeconfig: found.kubeconfig }).toEqual({ kind: 'local', kubeconfig: heldKubeconfig() })
  await found.stop()
  const given = await obtainCluster({ kubeconfig: heldKubeconfig() })
  expect({ kind: given.kind, auditLog: given.auditLog }).toEqual({ kind: 'given', auditLog: held!.auditLog })
  await expect(given.loadImage('/nowhere.tar')).rejects.toThrow('/nowhere.tar could not be loaded into the cluster of "make cluster"')
  expect(await findHeldCluster()).toEqual(held)
})

test('"cluster down" removes all of it, and says so when there is none', async () => {
  expect(cluster('down')).toEqual({ status: 0, said: 'cluster: removed\n' })
  expect(readHostState().filter((line) => !before.includes(line))).toEqual([])
  expect(existsSync(heldKubeconfig())).toBe(false)
  expect(cluster('status')).toEqual({ status: 3, said: 'none\n' })
  expect(cluster('down')).toEqual({ status: 0, said: 'cluster: there was none\n' })
})

test('A holder that is killed takes its cluster with it, and "cluster down" removes the rest', async () => {
  expect(cluster('up').status).toBe(0)
  process.kill((await findHeldCluster())!.pid, 'SIGKILL')
  while (isLocalClusterThere()) await sleep(50)
  expect(cluster('down').status).toBe(0)
  expect(readHostState().filter((line) => !before.includes(line))).toEqual([])
})

test('A command that does not exist is answered with how to call it', () => {
  expect(cluster('upp')).toEqual({ status: 2, said: 'usage: cluster up [--kubeconfig FILE] | down | status | build\n' })
  expect(cluster('up', '--kubeconfig', '/nowhere/config')).toEqual({ status: 1, said: 'cluster: There is no kubeconfig /nowhere/config: give the path of one that exists\n' })
})
