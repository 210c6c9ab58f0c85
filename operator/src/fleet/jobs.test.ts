import { expect, test } from 'vitest'
import { decideJob } from './jobs.ts'
import { anObserved, aPod, completed, failed, running, wantedJob } from './testing/an-observed.ts'

const wanted = wantedJob(anObserved())
const other = wantedJob(anObserved({ spec: (spec) => (spec.seed = 7) }))
const newImage = wantedJob(anObserved({ settings: { ...anObserved().settings, simulatorImage: 'tidewatch/simulator:0.2.0' } }))
const going = { ...running(other), metadata: { ...other.metadata, deletionTimestamp: '2026-01-02T12:00:00Z' } }

const decide = (input: Partial<Parameters<typeof decideJob>[0]>) => decideJob({ wanted, jobs: [], pods: [], canStart: true, hasCompleted: false, ...input })

test.each([
  ['there is none: it is made', {}, { current: undefined, apply: wanted, remove: [], isWaiting: false }],
  ['nothing can start yet: it waits', { canStart: false }, { current: undefined, apply: undefined, remove: [], isWaiting: false }],
  ['it is there: it is kept as it should be', { jobs: [running(wanted)] }, { current: running(wanted), apply: wanted, remove: [], isWaiting: false }],
  ['it runs, and its topic is gone now: it is kept', { jobs: [running(wanted)], canStart: false }, { current: running(wanted), apply: wanted, remove: [], isWaiting: false }],
  ['another manifest: the old one goes first', { jobs: [running(other)] }, { current: undefined, apply: undefined, remove: [running(other)], isWaiting: true }],
  ['the old one is on its way out: nothing yet', { jobs: [going] }, { current: undefined, apply: undefined, remove: [], isWaiting: true }],
  ['the old one is gone and its pod still sends: nothing yet', { pods: [aPod(other, 0)] }, { current: undefined, apply: undefined, remove: [], isWaiting: true }],
  ['the last pod of the old one has ended: the new one is made', { pods: [aPod(other, 0, 'Failed')] }, { current: undefined, apply: wanted, remove: [], isWaiting: false }],
  ['all was sent: it stays', { jobs: [completed(wanted)] }, { current: completed(wanted), apply: undefined, remove: [], isWaiting: false }],
  ['all was sent by an earlier release: it stays', { wanted: newImage, jobs: [completed(wanted)] }, { current: completed(wanted), apply: undefined, remove: [], isWaiting: false }],
  ['another manifest than what was sent: anew', { jobs: [completed(other)] }, { current: undefined, apply: undefined, remove: [completed(other)], isWaiting: true }],
  ['it still runs under an earlier release: it is replaced', { wanted: newImage, jobs: [running(wanted)] }, { current: undefined, apply: undefined, remove: [running(wanted)], isWaiting: true }],
  ['it failed under an earlier release: it is tried again', { wanted: newImage, jobs: [failed(wanted)] }, { current: undefined, apply: undefined, remove: [failed(wanted)], isWaiting: true }],
  ['it failed: it stays so', { jobs: [failed(wanted)] }, { current: failed(wanted), apply: wanted, remove: [], isWaiting: false }],
  ['all was sent and somebody tidied up: it is not sent again', { hasCompleted: true }, { current: undefined, apply: undefined, remove: [], isWaiting: false }],
])('%s', (_, input, decision) => {
  expect(decide(input)).toEqual(decision)
})
