import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { killPod, listOperators, readLeader, scaleOperators } from '../../support/operator-pods.ts'
import { uniqueName, useNamespace, usePlatform } from '../../support/platform.ts'
import { aPipeline, readPodUids, waitForCondition } from '../../support/stories.ts'

const platform = usePlatform()
const { cluster, kafka, operatorNamespace } = platform
const namespace = useNamespace('leader')
const where = { namespace, bootstrap: kafka.bootstrap, topic: uniqueName('leader'), name: 'plant' }

const readGeneration = async () => (await cluster.read('deployment', 'plant-detector', namespace))?.metadata.generation ?? 0
const waitForOtherLeader = (than: string | undefined) => eventually('another one leads', () => readLeader(cluster, platform), (leader) => leader !== undefined && leader !== '' && leader !== than, { timeoutMs: 60_000 })

/** How many operators say of themselves that they lead; one that has only just been made says nothing yet. */
async function countLeaders(): Promise<number> {
  const pods = await listOperators(cluster, platform)
  const pages = await Promise.all(pods.map(({ metadata }) => cluster.run(['get', '--raw', `/api/v1/namespaces/${operatorNamespace}/pods/${metadata.name}:8080/proxy/metrics`]).catch(String)))
  return pages.filter((page) => /^leader_election_master_status(\{.*\})? 1$/m.test(page)).length
}

beforeAll(async () => {
  await scaleOperators(cluster, platform, 2)
  await cluster.apply([aPipeline(where)])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })
})
afterAll(() => scaleOperators(cluster, platform, 1))

test('of two operators one leads', async () => {
  const names = (await listOperators(cluster, platform)).map(({ metadata }) => metadata.name)
  expect(names).toContain(await readLeader(cluster, platform))
  expect(await countLeaders()).toBe(1)
})

test('an edit at the moment of its death is carried out by the other one, once, and no pod notices the change of leaders', async () => {
  const leader = await readLeader(cluster, platform)
  const pods = await readPodUids(cluster, namespace, 'detector', 'plant')
  const generation = await readGeneration()
  await killPod(cluster, operatorNamespace, leader ?? '')
  await waitForOtherLeader(leader)
  await eventually('the place is taken again', () => listOperators(cluster, platform), ({ length }) => length === 2)
  expect(await readGeneration()).toBe(generation)
  expect(await readPodUids(cluster, namespace, 'detector', 'plant')).toEqual(pods)

  const second = await readLeader(cluster, platform)
  await cluster.patch('detectionpipeline', 'plant', namespace, { spec: { detector: { robustZScore: { limit: 5 } } } })
  await killPod(cluster, operatorNamespace, second ?? '')
  await waitForOtherLeader(second)
  await eventually('the edit is carried out', readGeneration, (now) => now === generation + 1, { timeoutMs: 60_000 })
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })
  expect(await readGeneration()).toBe(generation + 1)
})

test('a leader that is asked to go hands over at once', async () => {
  const leader = await readLeader(cluster, platform)
  await cluster.run(['delete', 'pod', leader ?? '', '-n', operatorNamespace, '--wait=true', '--timeout=60s'])
  await waitForOtherLeader(leader)
  await eventually('one leads', countLeaders, (count) => count === 1, { timeoutMs: 60_000, everyMs: 1_000 })
})
