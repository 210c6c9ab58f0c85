import type { DeviceFleetInput } from '@tidewatch/api'
import { FakeClock } from '@tidewatch/kit'
import { resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { FakeKube } from '@tidewatch/kube/testing'
import { describe, expect, test } from 'vitest'
import type { FleetStatus } from './status.ts'
import { aPod, completed, running } from './testing/an-observed.ts'
import { createFleetWorld } from './testing/world.ts'

function aWorld() {
  const clock = new FakeClock(Date.UTC(2026, 0, 2, 12))
  const fake = new FakeKube({ clock })
  const world = createFleetWorld({ kube: fake, clock })
  const list = async (resource: Resource) => (await fake.list(resource, { namespace: 'plant' })).items
  return {
    fake,
    world,
    jobs: () => list(resources.jobs),
    fleet: async () => (await fake.read(resources.deviceFleets, { namespace: 'plant', name: 'hvac' })) as KubeObject & { status?: FleetStatus },
    /** Reconciles until nothing is written any more. */
    settle: async (): Promise<void> => {
      for (let i = 0; i < 12; i++) {
        const before = world.kube.writes + world.kafka.writes
        await world.reconcile('hvac')
        fake.collectGarbage()
        if (world.kube.writes + world.kafka.writes === before) return
        clock.advance(1_000)
      }
      throw new Error('the fleet has not come to rest')
    },
    /** What the Job controller would do. */
    setJob: (change: (job: KubeObject) => KubeObject) =>
      list(resources.jobs).then(([job]) => {
        if (job === undefined) throw new Error('there is no Job')
        fake.put(resources.jobs, change(job), 'job-controller')
      }),
    /** All that is there, without what changes from run to run. */
    state: async (): Promise<Record<string, object>> => {
      const kinds = [resources.configMaps, resources.serviceAccounts, resources.networkPolicies, resources.jobs, resources.deviceFleets]
      const objects = (await Promise.all(kinds.map(list))).flat()
      return Object.fromEntries(
        objects.map(({ kind, metadata: { name, labels, annotations, finalizers }, spec, data, status }) => {
          const { conditions = [], ...rest } = (status ?? {}) as FleetStatus
          // It holds the owner's uid, which is another in each run.
          const { 'tidewatch.dev/applied-hash': _hash, ...kept } = annotations ?? {}
          return [`${kind} ${name}`, { labels, annotations: kept, finalizers, spec, data, status: { ...rest, conditions: conditions.map(({ lastTransitionTime: _time, ...one }) => one) } }]
        }),
      )
    },
  }
}

test('a fleet comes to rest with its topic and its children, and a second run writes nothing', async () => {
  const { world, settle, jobs, fleet, state } = aWorld()
  await world.submit('hvac', ({ spec }) => (spec.shards = 3))
  await settle()
  expect([...world.kafka.topics.keys()]).toEqual(['readings'])
  expect(Object.keys(await state())).toEqual([
    'ConfigMap hvac-simulator',
    'ServiceAccount hvac-simulator',
    'NetworkPolicy hvac-simulator',
    expect.stringMatching(/^Job hvac-simulator-[0-9a-z]{11}$/),
    'DeviceFleet hvac',
  ])
  expect((await jobs()).map(({ spec }) => spec)).toMatchObject([{ completions: 3, parallelism: 3 }])
  expect((await fleet()).status).toMatchObject({ phase: 'Pending', observedGeneration: 1 })
  const { writes } = world.kube
  for (let i = 0; i < 5; i++) await world.reconcile('hvac')
  expect(world.kube.writes).toBe(writes)
})

test('each child that is deleted or changed by hand comes back as it was', async () => {
  const { world, settle, state, fake } = aWorld()
  await world.submit('hvac')
  await settle()
  const before = await state()
  for (const resource of [resources.configMaps, resources.serviceAccounts, resources.networkPolicies, resources.jobs]) {
    const [child] = fake.objects(resource)
    await fake.delete(resource, { namespace: 'plant', name: child!.metadata.name })
    await settle()
    expect(await state()).toEqual(before)
  }
  const [config] = fake.objects(resources.configMaps)
  fake.put(resources.configMaps, { ...config!, data: { 'config.json': '{}' } })
  const [policy] = fake.objects(resources.networkPolicies)
  fake.put(resources.networkPolicies, { ...policy!, metadata: { ...policy!.metadata, labels: {} } }, 'tidewatch-operator')
  await settle()
  expect(await state()).toEqual(before)
})

test('ended at any write and started again, it comes to the same', async () => {
  const whole = aWorld()
  const change = ({ spec }: DeviceFleetInput) => (spec.topic.deletionPolicy = 'Delete')
  await whole.world.submit('hvac', change)
  await whole.settle()
  const end = await whole.state()
  expect(whole.world.kube.writes).toBeGreaterThan(5)
  for (let k = 1; k <= whole.world.kube.writes; k++) {
    const { world, settle, state } = aWorld()
    await world.submit('hvac', change)
    world.kube.failAtWrite = k
    await settle().catch(() => undefined)
    await settle()
    expect([k, await state()]).toEqual([k, end])
  }
})

describe('a changed fleet', () => {
  test('begins when the last simulator of the one before has ended', async () => {
    const { world, settle, jobs, setJob, fake } = aWorld()
    await world.submit('hvac')
    await settle()
    await setJob((job) => running(job))
    const [first] = await jobs()
    const pod = aPod(first!, 0)
    fake.put(resources.pods, pod, 'job-controller')

    await world.submit('hvac', ({ spec }) => (spec.seed = 2))
    await settle()
    expect(await jobs()).toEqual([])
    await fake.delete(resources.pods, { namespace: 'plant', name: pod.metadata.name })
    await settle()
    const [second, ...more] = await jobs()
    expect(more).toEqual([])
    expect(second?.metadata.name).not.toBe(first?.metadata.name)
  })

  test('is not begun twice by a cache that does not know the Job before', async () => {
    const { world, settle, jobs } = aWorld()
    await world.submit('hvac')
    await world.reconcile('hvac')
    const stale = await world.snapshot()
    await settle()
    expect(await jobs()).toHaveLength(1)
    world.settings = { ...world.settings, simulatorImage: 'tidewatch/simulator:0.2.0' }
    await world.reconcile('hvac', { ...stale, list: (resource, namespace) => (resource.kind === 'Job' ? [] : stale.list(resource, namespace)), find: (resource, name) => (resource.kind === 'Job' ? undefined : stale.find(resource, name)) })
    expect((await jobs()).length).toBeLessThanOrEqual(1)
  })
})

describe('a fleet that has sent everything', () => {
  const finished = async () => {
    const all = aWorld()
    await all.world.submit('hvac', ({ spec }) => (spec.messages = 100))
    await all.settle()
    await all.setJob(completed)
    await all.settle()
    return all
  }

  test('says so, and is not run again by a new release, a resync or a pause', async () => {
    const { world, settle, fleet, jobs } = await finished()
    expect((await fleet()).status).toMatchObject({ phase: 'Completed', completionTime: '2026-01-02T12:00:00Z', activeDevices: 0 })
    const [job] = await jobs()
    world.settings = { ...world.settings, simulatorImage: 'tidewatch/simulator:0.2.0' }
    await settle()
    await world.submit('hvac', ({ spec }) => {
      spec.messages = 100
      spec.paused = true
    })
    await settle()
    expect(await jobs()).toEqual([job])
    expect((await fleet()).status?.phase).toBe('Completed')
  })

  test('is not run again when somebody deletes its Job', async () => {
    const { settle, fleet, jobs, fake } = await finished()
    const [job] = await jobs()
    await fake.delete(resources.jobs, { namespace: 'plant', name: job!.metadata.name })
    await settle()
    expect([await jobs(), (await fleet()).status?.phase]).toEqual([[], 'Completed'])
  })

  test('is run again when the manifest asks for something else', async () => {
    const { world, settle, jobs } = await finished()
    const [before] = await jobs()
    await world.submit('hvac', ({ spec }) => (spec.messages = 200))
    await settle()
    const [after, ...more] = await jobs()
    expect([more.length, after?.metadata.name === before?.metadata.name]).toEqual([0, false])
  })
})

test('a pause suspends the Job, and taking it back lets it run', async () => {
  const { world, settle, jobs, fleet } = aWorld()
  await world.submit('hvac')
  await settle()
  const suspended = async () => (await jobs()).map(({ spec }) => (spec as { suspend: boolean }).suspend)
  expect(await suspended()).toEqual([false])
  await world.submit('hvac', ({ spec }) => (spec.paused = true))
  await settle()
  expect([await suspended(), (await fleet()).status?.phase]).toEqual([[true], 'Paused'])
  await world.submit('hvac', ({ spec }) => (spec.paused = false))
  await settle()
  expect(await suspended()).toEqual([false])
})

test("somebody else's topic is used and left as it is", async () => {
  const { world, settle, jobs, fleet } = aWorld()
  world.kafka.topics.set('readings', { partitions: 12, replicationFactor: 1, config: { 'retention.ms': '1' }, ends: [] })
  await world.submit('hvac', ({ spec }) => (spec.topic.config = { 'retention.ms': '2' }))
  await settle()
  expect(world.kafka.topics.get('readings')).toMatchObject({ partitions: 12, config: { 'retention.ms': '1' } })
  expect([(await jobs()).length, (await fleet()).metadata.finalizers ?? []]).toEqual([1, []])
})

describe('what is missing', () => {
  test('a recording: told before a pod waits for it, and taken up when it comes', async () => {
    const { world, settle, jobs, fleet, fake } = aWorld()
    await world.submit('hvac', ({ spec }) => (spec.devices = { replay: { configMap: { name: 'tape', key: 'day.csv' } } }))
    await settle()
    const ready = async () => (await fleet()).status?.conditions?.find((one) => one.type === 'Ready')?.message
    expect([await jobs(), await ready()]).toEqual([[], 'There is no ConfigMap tape in this namespace: create it with the recording under the key day.csv, or correct spec.devices.replay.configMap'])
    fake.put(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tape', namespace: 'plant' }, data: { other: '' } })
    await settle()
    expect(await ready()).toBe('ConfigMap tape has no key day.csv (it has other): add it, or correct spec.devices.replay.configMap.key')
    fake.put(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tape', namespace: 'plant' }, data: { 'day.csv': 'a,b' } })
    await settle()
    expect(await jobs()).toHaveLength(1)
  })

  test('Kafka: told, and taken up when it comes', async () => {
    const { world, settle, jobs, fleet } = aWorld()
    world.kafka.isDown = true
    await world.submit('hvac')
    await settle()
    expect([await jobs(), (await fleet()).status?.conditions?.[0]?.reason]).toEqual([[], 'KafkaUnreachable'])
    world.kafka.isDown = false
    await settle()
    expect(await jobs()).toHaveLength(1)
  })
})

describe('deletion', () => {
  test('takes a topic with it that the fleet made and was told to', async () => {
    const { world, settle, fake, fleet } = aWorld()
    await world.submit('hvac', ({ spec }) => (spec.topic.deletionPolicy = 'Delete'))
    await settle()
    await fake.delete(resources.deviceFleets, { namespace: 'plant', name: 'hvac' })
    await settle()
    expect([await fleet(), [...world.kafka.topics.keys()]]).toEqual([undefined, []])
  })

  test('ends within half a minute when Kafka is gone, and says what is left', async () => {
    const { world, settle, fake, fleet } = aWorld()
    await world.submit('hvac', ({ spec }) => (spec.topic.deletionPolicy = 'Delete'))
    await settle()
    world.kafka.isDown = true
    await fake.delete(resources.deviceFleets, { namespace: 'plant', name: 'hvac' })
    await settle()
    expect((await fleet()).status?.phase).toBe('Deleting')
    world.clock.advance(31_000)
    await settle()
    expect([await fleet(), world.events.at(-1)?.note]).toEqual([undefined, expect.stringMatching(/^Let the fleet go and left the topic readings in Kafka: Kafka did not do it in time \(/)])
  })

  test('of a fleet that keeps its topic needs nobody', async () => {
    const { world, settle, fake, fleet } = aWorld()
    await world.submit('hvac')
    await settle()
    await fake.delete(resources.deviceFleets, { namespace: 'plant', name: 'hvac' })
    expect([await fleet(), [...world.kafka.topics.keys()]]).toEqual([undefined, ['readings']])
  })
})
