import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { defineError, messageOf } from '@tidewatch/kit'
import { resources, type Kube, type KubeObject } from '@tidewatch/kube'

/** Who asks, as Kubernetes knows users. */
export interface Identity {
  username: string
  uid: string | undefined
  groups: string[]
  extra: Record<string, string[]>
}

/** Which callers may speak for others, and in which headers they do. */
export interface RequestHeaderConfig {
  /** PEM text of the authority that signs those callers' certificates. */
  clientCa: string
  /** Common names that are believed; empty: any of that authority. */
  allowedNames: string[]
  usernameHeaders: string[]
  uidHeaders: string[]
  groupHeaders: string[]
  extraHeaderPrefixes: string[]
}

/** What the API server publishes about its aggregator cannot be read as it should. */
export const RequestHeaderConfigInvalid = defineError('REQUEST_HEADER_CONFIG_INVALID', { retry: 'backoff' })

const source = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

/**
 * Reads what the API server publishes for servers behind its aggregator. Undefined where aggregation is not set up; then
 * only bearer tokens count.
 *
 * @throws RequestHeaderConfigInvalid and the errors of packages/kube
 */
export async function readRequestHeaderConfig(kube: Kube): Promise<RequestHeaderConfig | undefined> {
  const object = await kube.read(resources.configMaps, source)
  return object === undefined ? undefined : parseRequestHeaderConfig(object)
}

export function parseRequestHeaderConfig(object: KubeObject): RequestHeaderConfig | undefined {
  const data = (object.data ?? {}) as Record<string, string>
  const clientCa = data['requestheader-client-ca-file']
  if (clientCa === undefined || clientCa.trim() === '') return undefined
  const list = (key: string): string[] => {
    const text = data[key]
    if (text === undefined || text === '') return []
    try {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    } catch (error) {
      throw new RequestHeaderConfigInvalid(`ConfigMap ${source.namespace}/${source.name}: ${key} is not JSON: ${messageOf(error)}`, { cause: error })
    }
    throw new RequestHeaderConfigInvalid(`ConfigMap ${source.namespace}/${source.name}: ${key} is not a list of strings`)
  }
  const lower = (key: string) => list(key).map((one) => one.toLowerCase())
  return {
    clientCa,
    allowedNames: list('requestheader-allowed-names'),
    usernameHeaders: lower('requestheader-username-headers'),
    uidHeaders: lower('requestheader-uid-headers'),
    groupHeaders: lower('requestheader-group-headers'),
    extraHeaderPrefixes: lower('requestheader-extra-headers-prefix'),
  }
}

/**
 * The user that the aggregator speaks for. Undefined unless the connection's certificate chains to the authority (the TLS
 * layer has checked that, with the authority of this very configuration) and bears one of the allowed names.
 */
export function authenticateByHeaders(request: IncomingMessage, config: RequestHeaderConfig | undefined): Identity | undefined {
  if (config === undefined) return undefined
  const socket = request.socket as TLSSocket
  if (!socket.authorized) return undefined
  const name: unknown = socket.getPeerCertificate().subject?.CN
  if (typeof name !== 'string' || (config.allowedNames.length > 0 && !config.allowedNames.includes(name))) return undefined
  const valuesOf = (headers: string[]): string[] => headers.flatMap((header) => request.headersDistinct[header] ?? [])
  const username = valuesOf(config.usernameHeaders).find((value) => value !== '')
  if (username === undefined) return undefined
  return {
    username,
    uid: valuesOf(config.uidHeaders)[0],
    groups: valuesOf(config.groupHeaders),
    extra: readExtra(request, config.extraHeaderPrefixes),
  }
}

function readExtra({ headersDistinct }: IncomingMessage, prefixes: string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {}
  for (const [header, values] of Object.entries(headersDistinct)) {
    const prefix = prefixes.find((one) => header.startsWith(one))
    if (prefix === undefined || values === undefined) continue
    const key = decode(header.slice(prefix.length))
    // A key such as __proto__ must stay a key.
    Object.defineProperty(extra, key, { value: values, enumerable: true })
  }
  return extra
}

/** Keys are percent-encoded by the aggregator, because a header's name cannot hold every character. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not encoded after all: the API server's own reader keeps the text as it is.
    return text
  }
}
