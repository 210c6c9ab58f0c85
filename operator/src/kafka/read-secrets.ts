import { resources, type Kube } from '@tidewatch/kube'
import { listSecrets, type ResolvedConnection, type SecretKey } from './connection.ts'
import { SecretKeyMissing, SecretMissing } from './errors.ts'

/** What is in the Secrets of a connection: text by purpose (`password`, `certificate`, `key`, `authority-0` ...). */
export type Credentials = ReadonlyMap<string, string>

/**
 * Reads them with one `get` for each Secret: the operator follows no Secrets, so that it need not be allowed to list them.
 *
 * @throws SecretMissing, SecretKeyMissing saying which one and what to do
 */
export async function readCredentials(kube: Kube, namespace: string, connection: ResolvedConnection): Promise<Credentials> {
  const credentials = new Map<string, string>()
  const byName = new Map<string, Record<string, string>>()
  for (const { purpose, secret } of listSecrets(connection)) {
    let data = byName.get(secret.name)
    if (data === undefined) byName.set(secret.name, (data = await readData(kube, namespace, secret)))
    const value = data[secret.key]
    if (value === undefined) {
      throw new SecretKeyMissing(`Secret ${secret.name} has no key ${secret.key} (it has ${Object.keys(data).sort().join(', ') || 'none'}): add it, or correct the key in spec.kafka`)
    }
    credentials.set(purpose, Buffer.from(value, 'base64').toString('utf8'))
  }
  return credentials
}

async function readData(kube: Kube, namespace: string, { name }: SecretKey): Promise<Record<string, string>> {
  const object = await kube.read(resources.secrets, { namespace, name })
  if (object === undefined) throw new SecretMissing(`There is no Secret ${name} in namespace ${namespace}: create it, or correct its name in spec.kafka`)
  return (object.data ?? {}) as Record<string, string>
}
