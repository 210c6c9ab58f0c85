/** A kind of object and where the API server serves it. */
export interface Resource {
  /** Empty for the core group. */
  group: string
  version: string
  kind: string
  /** The name in the address: `deployments`. */
  plural: string
  namespaced: boolean
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

const namespaced = (group: string, version: string, kind: string, plural: string): Resource => ({ group, version, kind, plural, namespaced: true })
const clusterWide = (group: string, version: string, kind: string, plural: string): Resource => ({ group, version, kind, plural, namespaced: false })

/** Every kind that Tidewatch reads or writes, by the name that it has in code. */
export const resources = {
  detectionPipelines: namespaced('tidewatch.dev', 'v1alpha1', 'DetectionPipeline', 'detectionpipelines'),
  deviceFleets: namespaced('tidewatch.dev', 'v1alpha1', 'DeviceFleet', 'devicefleets'),
  configMaps: namespaced('', 'v1', 'ConfigMap', 'configmaps'),
  secrets: namespaced('', 'v1', 'Secret', 'secrets'),
  services: namespaced('', 'v1', 'Service', 'services'),
  serviceAccounts: namespaced('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  pods: namespaced('', 'v1', 'Pod', 'pods'),
  namespaces: clusterWide('', 'v1', 'Namespace', 'namespaces'),
  events: namespaced('events.k8s.io', 'v1', 'Event', 'events'),
  leases: namespaced('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  deployments: namespaced('apps', 'v1', 'Deployment', 'deployments'),
  jobs: namespaced('batch', 'v1', 'Job', 'jobs'),
  horizontalPodAutoscalers: namespaced('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  podDisruptionBudgets: namespaced('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  networkPolicies: namespaced('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  podMonitors: namespaced('monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors'),
  scaledObjects: namespaced('keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects'),
  kafkas: namespaced('kafka.strimzi.io', 'v1', 'Kafka', 'kafkas'),
  kafkaTopics: namespaced('kafka.strimzi.io', 'v1', 'KafkaTopic', 'kafkatopics'),
  kafkaUsers: namespaced('kafka.strimzi.io', 'v1', 'KafkaUser', 'kafkausers'),
  clusterRoles: clusterWide('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  apiServices: clusterWide('apiregistration.k8s.io', 'v1', 'APIService', 'apiservices'),
  customResourceDefinitions: clusterWide('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions'),
  subjectAccessReviews: clusterWide('authorization.k8s.io', 'v1', 'SubjectAccessReview', 'subjectaccessreviews'),
  tokenReviews: clusterWide('authentication.k8s.io', 'v1', 'TokenReview', 'tokenreviews'),
} as const satisfies Record<string, Resource>

/** The same kind in another version: Strimzi serves `v1`, `v1beta2` or both. */
export function atVersion(resource: Resource, version: string): Resource {
  return { ...resource, version }
}
