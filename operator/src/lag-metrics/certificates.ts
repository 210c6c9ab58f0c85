import type { Clock, Logger } from '@tidewatch/kit'
import { AlreadyExists, resources, WriteConflict, type Kube, type KubeObject, type OwnerReference } from '@tidewatch/kube'
import { decideRenewal, issueAll, issueCertificate, type CertificateRequest, type CertificateSet } from './issue-certificates.ts'
import { isOwnedBy, type InstallationOwner } from './installation-owner.ts'
import { isKubeError } from './kube-code.ts'

export interface CertificateOptions {
  kube: Kube
  /** Where the operator runs. */
  namespace: string
  serviceName: string
  /** Garbage collection takes the Secret with it. */
  owner: InstallationOwner
  clock: Clock
  log: Logger
}

/** The Secret that all replicas share. */
export const certificateSecretName = (serviceName: string): string => `${serviceName}-lag-metrics-tls`

/**
 * Reads the certificates from the Secret, and writes it first where there is none, or renews them at two thirds of their
 * life. Whoever comes first writes; the others read what it wrote: `create` and `resourceVersion` see to that.
 *
 * @throws the errors of packages/kube
 */
export async function ensureCertificates({ kube, namespace, serviceName, owner, clock, log }: CertificateOptions): Promise<CertificateSet> {
  const name = certificateSecretName(serviceName)
  const request: CertificateRequest = { names: [serviceName, `${serviceName}.${namespace}`, `${serviceName}.${namespace}.svc`], nowMs: clock.now() }
  const reference = await owner.read()
  for (let attempt = 0; ; attempt++) {
    const secret = await kube.read(resources.secrets, { namespace, name })
    const set = secret === undefined ? undefined : readSet(secret)
    const renewal = set === undefined ? 'RenewAll' : decideRenewal(set, request)
    if (secret !== undefined && set !== undefined && renewal === 'Keep' && isOwnedBy(secret, reference)) return set
    const issued = set !== undefined && renewal === 'Keep' ? set : renewal === 'RenewCertificate' && set !== undefined ? await issueCertificate(request, set) : await issueAll(request, set?.caBundle)
    try {
      await owner.write(reference, (one) =>
        secret === undefined
          ? kube.create(resources.secrets, buildSecret(namespace, name, issued, one))
          : kube.update(resources.secrets, { ...secret, metadata: { ...secret.metadata, ...ownedBy(one) }, data: { ...(secret.data as object), ...encode(issued) } }),
      )
      log.info({ secret: `${namespace}/${name}`, renewal }, 'Wrote certificates of the lag metrics')
      return issued
    } catch (error) {
      const isLate = isKubeError(error, AlreadyExists) || isKubeError(error, WriteConflict)
      if (!isLate || attempt >= mostAttempts) throw error
      // Another replica was faster: its certificates are ours as well.
    }
  }
}

const mostAttempts = 5

const keys = { caBundle: 'ca.crt', caKey: 'ca.key', certificate: 'tls.crt', key: 'tls.key' } as const satisfies Record<keyof CertificateSet, string>

const ownedBy = (owner: OwnerReference | undefined) => (owner === undefined ? {} : { ownerReferences: [owner] })

function buildSecret(namespace: string, name: string, set: CertificateSet, owner: OwnerReference | undefined): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...ownedBy(owner), labels: { 'app.kubernetes.io/name': 'tidewatch-operator', 'app.kubernetes.io/part-of': 'tidewatch', 'app.kubernetes.io/managed-by': 'tidewatch-operator' } },
    type: 'kubernetes.io/tls',
    data: encode(set),
  }
}

function encode(set: CertificateSet): Record<string, string> {
  return Object.fromEntries(Object.entries(keys).map(([member, key]) => [key, Buffer.from(set[member as keyof CertificateSet]).toString('base64')]))
}

/** Empty where a key is missing; `decideRenewal` then renews all. */
function readSet(secret: KubeObject): CertificateSet {
  const data = (secret.data ?? {}) as Record<string, string>
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString('utf8')
  return { caBundle: text(keys.caBundle), caKey: text(keys.caKey), certificate: text(keys.certificate), key: text(keys.key) }
}
