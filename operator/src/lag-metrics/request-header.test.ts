import { expect, test } from 'vitest'
import { parseRequestHeaderConfig } from './request-header.ts'

const configMap = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication' }, data })

test('reads what the API server publishes, header names in lower case', () => {
  expect(
    parseRequestHeaderConfig(
      configMap({
        'requestheader-client-ca-file': 'PEM',
        'requestheader-allowed-names': '["front-proxy-client"]',
        'requestheader-username-headers': '["X-Remote-User"]',
        'requestheader-uid-headers': '["X-Remote-Uid"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
        'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      }),
    ),
  ).toEqual({ clientCa: 'PEM', allowedNames: ['front-proxy-client'], usernameHeaders: ['x-remote-user'], uidHeaders: ['x-remote-uid'], groupHeaders: ['x-remote-group'], extraHeaderPrefixes: ['x-remote-extra-'] })
})

test.each([[{}], [{ 'requestheader-client-ca-file': ' ' }]])('without an authority there is no aggregation: %j', (data) => {
  expect(parseRequestHeaderConfig(configMap(data))).toBeUndefined()
})

test.each([
  ['{', 'ConfigMap kube-system/extension-apiserver-authentication: requestheader-allowed-names is not JSON'],
  ['{}', 'ConfigMap kube-system/extension-apiserver-authentication: requestheader-allowed-names is not a list of strings'],
])('%s is refused rather than taken for "anybody"', (text, message) => {
  expect(() => parseRequestHeaderConfig(configMap({ 'requestheader-client-ca-file': 'PEM', 'requestheader-allowed-names': text }))).toThrow(message)
})
