import { expect, test } from 'vitest'
import { classify, classifyResponse, classifyStatus, isObjectMissing } from './classify.ts'
import { ObjectInvalid } from './errors.ts'
import { computePauseMs } from './pause.ts'

const body = (reason: string, message: string, details: object = {}) => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details })

test.each<[string, number, string, string, unknown, string]>([
  ['a conflict of field managers', 409, body('Conflict', 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas', { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }] }), 'KUBE_FIELD_CONFLICT', 'backoff', 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas'],
  ['a changed object', 409, body('Conflict', 'the object has been modified'), 'KUBE_WRITE_CONFLICT', 'backoff', 'the object has been modified'],
  ['a name that is taken', 409, body('AlreadyExists', 'configmaps "a" already exists'), 'KUBE_ALREADY_EXISTS', 'backoff', 'configmaps "a" already exists'],
  ['an old version', 410, body('Expired', 'too old resource version'), 'KUBE_RESOURCE_EXPIRED', 'backoff', 'too old resource version'],
  ['a missing object', 404, body('NotFound', 'configmaps "a" not found'), 'KUBE_NOT_FOUND', 'backoff', 'configmaps "a" not found'],
  ['a missing group', 404, '404 page not found\n', 'KUBE_NOT_FOUND', 'backoff', '404 page not found'],
  ['an invalid object, with what its sentence leaves out', 422, body('Invalid', 'DetectionPipeline "a" is invalid', { causes: [{ reason: 'FieldValueInvalid', message: 'must be at least 1', field: 'spec.minReplicas' }] }), 'KUBE_OBJECT_INVALID', 'never', 'DetectionPipeline "a" is invalid (spec.minReplicas: must be at least 1)'],
  ['an invalid object, with all in its sentence', 422, body('Invalid', 'DetectionPipeline "a" is invalid: spec.minReplicas: must be at least 1', { causes: [{ message: 'must be at least 1', field: 'spec.minReplicas' }] }), 'KUBE_OBJECT_INVALID', 'never', 'DetectionPipeline "a" is invalid: spec.minReplicas: must be at least 1'],
  ['an object made anew', 422, body('Invalid', 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable', { causes: [{ message: 'field is immutable', field: 'metadata.uid' }] }), 'KUBE_WRITE_CONFLICT', 'backoff', 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable'],
  ['a bad request', 400, body('BadRequest', 'no kind is registered'), 'KUBE_OBJECT_INVALID', 'never', 'no kind is registered'],
  ['a body that is too large', 413, 'Request Entity Too Large', 'KUBE_OBJECT_INVALID', 'never', 'Request Entity Too Large'],
  ['no permission', 403, body('Forbidden', 'pods is forbidden: User "x" cannot list resource "pods"'), 'KUBE_FORBIDDEN', 'backoff', 'pods is forbidden: User "x" cannot list resource "pods"'],
  ['a full quota', 403, body('Forbidden', 'pods "a" is forbidden: exceeded quota: compute'), 'KUBE_FORBIDDEN', 'backoff', 'pods "a" is forbidden: exceeded quota: compute'],
  ['no entry', 401, body('Unauthorized', 'Unauthorized'), 'KUBE_UNAUTHORIZED', 'backoff', 'Unauthorized'],
  ['a time limit of a proxy', 408, '', 'KUBE_UNREACHABLE', 'backoff', 'HTTP status 408'],
  ['a server in trouble', 500, body('InternalError', 'etcdserver: request timed out'), 'KUBE_UNREACHABLE', 'backoff', 'etcdserver: request timed out'],
  ['a proxy without a server', 502, '<html>Bad Gateway</html>', 'KUBE_UNREACHABLE', 'backoff', '<html>Bad Gateway</html>'],
  ['a server that starts', 503, body('ServiceUnavailable', 'apiserver not ready'), 'KUBE_UNREACHABLE', 'backoff', 'apiserver not ready'],
  ['a redirect', 302, '', 'KUBE_UNREACHABLE', 'backoff', 'HTTP status 302'],
  ['a busy server that says how long in its body', 429, body('TooManyRequests', 'too many requests', { retryAfterSeconds: 3 }), 'KUBE_SERVER_BUSY', { afterMs: 3_000 }, 'too many requests'],
  ['a busy server that does not say how long', 429, body('TooManyRequests', 'too many requests'), 'KUBE_SERVER_BUSY', 'backoff', 'too many requests'],
])('an answer: %s', (_, statusCode, text, code, retry, message) => {
  const error = classifyResponse({ attempt: 'apply ConfigMap plant/a', statusCode, body: text })
  expect({ code: error.code, retry: error.retry, message: error.message }).toEqual({ code, retry, message: `Failed to apply ConfigMap plant/a: ${message}` })
})

test.each([
  [429, '7', { afterMs: 7_000 }],
  [503, '0', { afterMs: 0 }],
  [429, 'Wed, 21 Oct 2026 07:28:00 GMT', 'backoff'],
  [429, '-1', 'backoff'],
])('status %i with Retry-After: %s', (statusCode, retryAfter, retry) => {
  const error = classifyResponse({ attempt: 'list pods', statusCode, body: '', retryAfter })
  expect([error.code, error.retry]).toEqual(['KUBE_SERVER_BUSY', retry])
})

test('the error of a watch has the code in its body', () => {
  expect(classifyStatus('watch pods', { code: 410, reason: 'Expired', message: 'too old' })).toMatchObject({ code: 'KUBE_RESOURCE_EXPIRED', message: 'Failed to watch pods: too old' })
  expect(classifyStatus('watch pods', {})).toMatchObject({ code: 'KUBE_UNREACHABLE' })
})

test('whatever is thrown has a class, and what has one keeps it', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
  expect(classify('list pods', cause)).toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to list pods: connect ECONNREFUSED 127.0.0.1:1', cause })
  expect(classify('list pods', 'a string')).toMatchObject({ code: 'KUBE_UNREACHABLE', message: 'Failed to list pods: a string' })
  const known = new ObjectInvalid('known')
  expect(classify('list pods', known)).toBe(known)
})

test.each([
  [404, body('NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' }), true],
  [404, body('NotFound', 'the server could not find the requested resource'), false],
  [404, '404 page not found', false],
  [200, body('NotFound', 'x', { name: 'a' }), false],
])('one object is missing: %i %s', (statusCode, text, expected) => {
  expect(isObjectMissing(statusCode, text)).toBe(expected)
})

test.each([
  ['first, the shortest', 1, undefined, 0, 80],
  ['first, the longest', 1, undefined, 0.999, 800],
  ['third', 3, undefined, 0.5, 1_600],
  ['hundredth', 100, undefined, 0.999, 29_970],
  ['the server asks for more', 1, classifyResponse({ attempt: 'x', statusCode: 429, body: '', retryAfter: '7' }), 0.5, 7_400],
  ['the server asks for less', 6, classifyResponse({ attempt: 'x', statusCode: 429, body: '', retryAfter: '1' }), 0.5, 12_800],
])('a pause: %s', (_, failures, error, chance, expected) => {
  expect(computePauseMs(failures, error, chance)).toBe(expected)
})
