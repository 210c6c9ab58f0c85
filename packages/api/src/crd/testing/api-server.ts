import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { parse } from 'yaml'

type Json = Record<string, unknown>

/** An object as it is stored, and what a refusal is told with (`Status`). */
export interface Answer<Body> {
  status: number
  body: Body & { message?: string; details?: { causes?: unknown[] } }
}

export interface StoredObject {
  spec: Json
  status: Json
}

/** The least of a client: JSON in, JSON out. @tidewatch/kube builds on this package's neighbours and cannot be imported here. */
export interface ApiServer {
  request<Body = StoredObject>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<Body>>
  close(): void
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[]
  users: { user: { 'client-certificate'?: string; 'client-certificate-data'?: string; 'client-key'?: string; 'client-key-data'?: string; token?: string } }[]
}

/** Connects with the first cluster and the first user of a kubeconfig. */
export function connectApiServer(kubeconfigPath: string): ApiServer {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig
  const { cluster } = clusters[0]!
  const { user } = users[0]!
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 4,
    ca: pem(cluster['certificate-authority'], cluster['certificate-authority-data']),
    cert: pem(user['client-certificate'], user['client-certificate-data']),
    key: pem(user['client-key'], user['client-key-data']),
  })
  return {
    close: () => agent.destroy(),
    request: <Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      new Promise<Answer<Body>>((resolve, reject) => {
        const sent = request(
          new URL(path, cluster.server),
          { method, agent, headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }), ...(user.token && { authorization: `Bearer ${user.token}` }), ...headers } },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('end', () => {
              const text = Buffer.concat(chunks).toString()
              const isJson = response.headers['content-type']?.includes('json') === true
              resolve({ status: response.statusCode ?? 0, body: (isJson ? JSON.parse(text) : { message: text }) as Answer<Body>['body'] })
            })
          },
        )
        sent.on('error', reject)
        sent.end(body === undefined ? undefined : JSON.stringify(body))
      }),
  }
}

function pem(path: string | undefined, data: string | undefined): Buffer | undefined {
  if (data !== undefined) return Buffer.from(data, 'base64')
  return path === undefined ? undefined : readFileSync(path)
}
