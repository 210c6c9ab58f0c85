/**
 * Who may do what, and why: the one table that the chart's roles are generated from, and that the end-to-end tests hold
 * against the audit log. Nothing here is a wildcard, and nothing is granted that the code does not use.
 */
export interface RbacRule {
  purpose: string
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
  /**
   * `Namespace`: where pipelines and fleets live (a ClusterRole when all namespaces are watched, else a Role in each).
   * `OwnNamespace`: where the operator runs. `Cluster`: what belongs to no namespace.
   */
  scope: 'Cluster' | 'Namespace' | 'OwnNamespace'
  /** Granted only where this is switched on. */
  feature?: 'lagMetrics'
}

/** In a resource name: the name of the operator's Service (TIDEWATCH_SERVICE_NAME), which only the installation knows. */
export const serviceNamePlaceholder = '$(SERVICE_NAME)'
/** Likewise: the name of the installation's ClusterRole (TIDEWATCH_CLUSTER_ROLE). */
export const clusterRolePlaceholder = '$(CLUSTER_ROLE)'

const watched = ['list', 'watch']
// An object that is in no cache, because its labels are not ours, is read before its name is taken.
const applied = ['get', ...watched, 'create', 'patch', 'delete']

export const rbacRules: RbacRule[] = [
  { purpose: 'Follow pipelines and fleets, and put the cleanup finalizer on them.', apiGroups: ['tidewatch.dev'], resources: ['detectionpipelines', 'devicefleets'], verbs: [...watched, 'patch'], scope: 'Namespace' },
  { purpose: 'Tell how they are.', apiGroups: ['tidewatch.dev'], resources: ['detectionpipelines/status', 'devicefleets/status'], verbs: ['patch'], scope: 'Namespace' },
  { purpose: 'Set owner references that block deletion (OwnerReferencesPermissionEnforcement).', apiGroups: ['tidewatch.dev'], resources: ['detectionpipelines/finalizers', 'devicefleets/finalizers'], verbs: ['update'], scope: 'Namespace' },
  { purpose: 'Configuration, identity and address of detectors and simulators.', apiGroups: [''], resources: ['configmaps', 'serviceaccounts', 'services'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Run detectors.', apiGroups: ['apps'], resources: ['deployments'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Run simulators.', apiGroups: ['batch'], resources: ['jobs'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Scale detectors on lag.', apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Scale detectors through KEDA.', apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Keep detectors running while nodes are drained.', apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Fence detectors and simulators in.', apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Have Prometheus scrape detectors and simulators.', apiGroups: ['monitoring.coreos.com'], resources: ['podmonitors'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Topics and users through Strimzi.', apiGroups: ['kafka.strimzi.io'], resources: ['kafkatopics', 'kafkausers'], verbs: applied, scope: 'Namespace' },
  { purpose: 'Find the listener of a Strimzi cluster.', apiGroups: ['kafka.strimzi.io'], resources: ['kafkas'], verbs: watched, scope: 'Namespace' },
  { purpose: 'See why a pod does not start, and scrape it.', apiGroups: [''], resources: ['pods'], verbs: watched, scope: 'Namespace' },
  { purpose: 'Read the credentials of Kafka that a pipeline or fleet names.', apiGroups: [''], resources: ['secrets'], verbs: ['get'], scope: 'Namespace' },
  { purpose: 'Write events.', apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'], scope: 'Namespace' },
  // A server-side apply of what is not there yet needs create beside patch.
  { purpose: 'Offer the lag to the horizontal pod autoscaler.', apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: ['get', 'create', 'patch'], resourceNames: ['v1beta1.external.metrics.k8s.io'], scope: 'Cluster', feature: 'lagMetrics' },
  { purpose: 'Have that go with the installation: its owner is this role.', apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['get'], resourceNames: [clusterRolePlaceholder], scope: 'Cluster', feature: 'lagMetrics' },
  { purpose: 'Ask whether the caller may read the lag.', apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'], scope: 'Cluster', feature: 'lagMetrics' },
  { purpose: 'Ask who a caller with a bearer token is.', apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'], scope: 'Cluster', feature: 'lagMetrics' },
  { purpose: 'Keep the certificate of the lag metrics.', apiGroups: [''], resources: ['secrets'], verbs: ['create'], scope: 'OwnNamespace', feature: 'lagMetrics' },
  { purpose: 'Keep the certificate of the lag metrics.', apiGroups: [''], resources: ['secrets'], verbs: ['get', 'update'], resourceNames: [`${serviceNamePlaceholder}-lag-metrics-tls`], scope: 'OwnNamespace', feature: 'lagMetrics' },
  { purpose: 'Elect a leader.', apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'], scope: 'OwnNamespace' },
  { purpose: 'Elect a leader.', apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'update'], resourceNames: ['tidewatch-operator'], scope: 'OwnNamespace' },
]
