import { beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { findWrites } from '../support/audit-log.ts'
import { eventually } from '../support/eventually.ts'
import { readAuditLog, uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { aFleet, aPipeline, waitForCondition } from '../support/stories.ts'

const { cluster, kafka, auditLog, operatorUser, operatorNamespace, tellsLongStories } = usePlatform()
const namespace = useNamespace('rest')
const where = { namespace, bootstrap: kafka.bootstrap, topic: uniqueName('rest'), name: 'plant' }
const restMs = tellsLongStories ? 300_000 : 40_000

/** Kind and name -> version and what is told, of everything that only the operator writes. */
async function readObjects(): Promise<Record<string, object>> {
  const objects = await cluster.list('dp,fleet,configmap,serviceaccount,service,networkpolicy', namespace)
  return Object.fromEntries(objects.map(({ kind, metadata, status }) => [`${kind} ${metadata.name}`, { version: metadata.resourceVersion, status }]))
}

beforeAll(async () => {
  await cluster.apply([aFleet(where, { messages: 200 }), aPipeline(where)])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })
  // The readings end, and a while later nothing changes any more that a status could tell.
  await eventually('the fleet is done', () => cluster.run(['get', 'fleet', 'plant', '-n', namespace, '-o', 'jsonpath={.status.phase}']), (phase) => phase === 'Completed', { timeoutMs: 90_000, everyMs: 1_000 })
  let before = await readObjects()
  await eventually('nothing moves for 20 s', async () => {
    await sleep(20_000)
    const after = await readObjects()
    const isStill = JSON.stringify(after) === JSON.stringify(before)
    before = after
    return isStill
  }, (isStill) => isStill, { timeoutMs: 120_000 })
})

test(`for ${restMs / 1_000} s in which nothing happens the operator writes nothing`, async () => {
  const startMs = Date.now()
  const before = await readObjects()
  await sleep(restMs)
  expect(await readObjects()).toEqual(before)
  // In their own namespaces other stories are at work; what belongs to the operator or to no namespace is at rest as well.
  const writes = findWrites(readAuditLog(auditLog), operatorUser, startMs).filter((write) => ['', operatorNamespace, namespace].includes(write.namespace))
  expect(writes.map(({ verb, resource, namespace: place, name }) => `${verb} ${resource} ${place}/${name}`)).toEqual([])
})
