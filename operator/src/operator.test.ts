import { createLogger, createRegistry, FakeClock } from '@tidewatch/kit'
import { FakeKube } from '@tidewatch/kube/testing'
import { expect, test } from 'vitest'
import { createOperator } from './operator.ts'
import { settings } from './pipeline/testing/an-observed.ts'

test('an API server that does not know our kinds is told in one sentence, with the command that repairs it', async () => {
  const clock = new FakeClock()
  const kube = new FakeKube({ clock })
  kube.unserved.add('tidewatch.dev/devicefleets')
  const operator = createOperator({ kube, identity: 'operator-0', election: undefined, settings, namespaces: [], lagMetricsPort: 0, clock, log: createLogger({ name: 'test', level: 'silent' }), registry: createRegistry() })
  expect(operator.readiness()).toBe('the first lists of objects are not complete')
  await expect(operator.run(new AbortController().signal)).rejects.toThrow(
    'The API server does not know the kind DeviceFleet: run "tidewatch crds | kubectl apply --server-side -f -", then start the operator again',
  )
})
