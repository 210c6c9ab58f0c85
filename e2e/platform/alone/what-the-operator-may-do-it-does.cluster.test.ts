import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { rbacRules } from '../../../operator/src/shared/rbac.ts'
import { formatPermission, listRefusedPermissions, listUsedPermissions } from '../../support/audit-log.ts'
import { readAuditLog, usePlatform } from '../../support/platform.ts'

const { cluster, auditLog, operatorUser, operatorNamespace, releaseName } = usePlatform()

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

const expand = (rules: readonly Rule[]): string[] => [
  ...new Set(rules.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => formatPermission(group, resource, verb)))))),
].sort()

/** What the bindings of the operator's service account grant in this cluster. */
async function readGranted(): Promise<Rule[]> {
  type Binding = KubeObject & { subjects?: { name: string; namespace?: string }[]; roleRef: { kind: string; name: string } }
  const bindings = [...(await cluster.list<Binding>('clusterrolebindings')), ...(await cluster.list<Binding>('rolebindings', operatorNamespace))]
  const ours = bindings.filter(({ subjects = [] }) => subjects.some(({ name, namespace }) => name === releaseName && namespace === operatorNamespace))
  const roles = await Promise.all(ours.map(({ roleRef }) => cluster.read<KubeObject & { rules: Rule[] }>(roleRef.kind, roleRef.name, roleRef.kind === 'Role' ? operatorNamespace : undefined)))
  return roles.flatMap((role) => role?.rules ?? [])
}

/** Groups that a cluster serves only when the product they belong to is installed. */
async function readServedGroups(): Promise<Set<string>> {
  const versions = (await cluster.run(['api-versions'])).trim().split('\n')
  return new Set(versions.map((version) => (version.includes('/') ? version.slice(0, version.indexOf('/')) : '')))
}

test('the chart grants what the table in code says, and nothing by a wildcard', async () => {
  const granted = expand(await readGranted())
  // Kubernetes' own role for API servers behind it: the request-header authority and the right to ask who somebody is.
  const table = expand(rbacRules)
  expect(table.filter((permission) => !granted.includes(permission))).toEqual([])
  expect(granted.filter((permission) => permission.includes('*'))).toEqual([])
  const beyond = granted.filter((permission) => !table.includes(permission))
  expect(beyond.filter((permission) => !['core configmaps get', 'core configmaps list', 'core configmaps watch', 'authentication.k8s.io tokenreviews create', 'authorization.k8s.io subjectaccessreviews create'].includes(permission))).toEqual([])
})

// The audit log belongs to a cluster of ours; it holds what all the other stories made the operator do.
test.runIf(auditLog !== null)('what was granted was used, and nothing was refused', async () => {
  const events = readAuditLog(auditLog)
  const served = await readServedGroups()
  const granted = expand(rbacRules.filter(({ apiGroups }) => apiGroups.every((group) => served.has(group))))
  const used = listUsedPermissions(events, operatorUser)
  expect(listRefusedPermissions(events, operatorUser)).toEqual([])
  // The API server asks for it when owner references are written, where that admission is switched on; nobody ever requests it.
  const isNeverRequested = (permission: string) => /^tidewatch\.dev \w+\/finalizers update$/.test(permission)
  expect(granted.filter((permission) => !used.includes(permission) && !isNeverRequested(permission))).toEqual([])
})
