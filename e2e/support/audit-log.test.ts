import { expect, test } from 'vitest'
import { findWrites, listRefusedPermissions, listUsedPermissions, parseAuditLog } from './audit-log.ts'

const operator = 'system:serviceaccount:tidewatch:tidewatch-operator'
const line = (verb: string, resource: string, more: object = {}) =>
  JSON.stringify({
    stage: 'ResponseComplete',
    verb,
    user: { username: operator },
    objectRef: { apiGroup: 'apps', resource, namespace: 'n', name: 'o' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-01-01T00:00:10.000000Z',
    ...more,
  })

test('requests are read when they are finished, a watch when it begins, half a line never', () => {
  const text = [
    line('patch', 'deployments', { objectRef: { apiGroup: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'n', name: 'o' } }),
    line('get', 'deployments', { stage: 'RequestReceived' }),
    line('watch', 'deployments', { stage: 'ResponseStarted', responseStatus: { code: 200 } }),
    line('get', 'version', { objectRef: undefined }),
    '{"stage":"Resp',
  ].join('\n')
  expect(parseAuditLog(text)).toEqual([
    { verb: 'patch', user: operator, group: 'apps', resource: 'deployments/scale', namespace: 'n', name: 'o', code: 200, message: '', atMs: Date.UTC(2026, 0, 1, 0, 0, 10) },
    { verb: 'watch', user: operator, group: 'apps', resource: 'deployments', namespace: 'n', name: 'o', code: 200, message: '', atMs: Date.UTC(2026, 0, 1, 0, 0, 10) },
  ])
})

const events = parseAuditLog(
  [
    line('patch', 'deployments'),
    line('list', 'pods', { objectRef: { resource: 'pods' } }),
    line('update', 'leases'),
    line('create', 'subjectaccessreviews'),
    line('delete', 'jobs', { responseStatus: { code: 403, message: 'jobs.batch "o" is forbidden: User "x" cannot delete resource "jobs" in API group "batch" in the namespace "n"' } }),
    line('patch', 'services', { responseStatus: { code: 403, message: 'services "o" is forbidden: unable to create new content in namespace n because it is being terminated' } }),
    line('patch', 'replicasets', { responseStatus: { code: 201 } }),
    line('patch', 'secrets', { user: { username: 'somebody' } }),
    '',
  ].join('\n'),
)

test('writes are what changes something: no reads, no questions, no Lease, nobody else', () => {
  expect(findWrites(events, operator, 0).map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(['patch deployments', 'delete jobs', 'patch services', 'patch replicasets'])
  expect(findWrites(events, operator, Date.UTC(2026, 0, 1, 0, 0, 11))).toEqual([])
})

test('what was allowed was used, what was refused is told apart', () => {
  expect(listUsedPermissions(events, operator)).toEqual(['apps deployments patch', 'apps leases update', 'apps replicasets create', 'apps replicasets patch', 'apps services patch', 'apps subjectaccessreviews create', 'core pods list'])
  expect(listRefusedPermissions(events, operator)).toEqual(['apps jobs delete'])
})
