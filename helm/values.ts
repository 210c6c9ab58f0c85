import * as z from 'zod'

/** Free-form parts of Kubernetes' own API, passed on as they are; the API server checks them. */
const passedOn = (description: string) => z.record(z.string(), z.unknown()).default({}).describe(description)
const text = (value: string, description: string) => z.string().default(value).describe(description)
const flag = (value: boolean, description: string) => z.boolean().default(value).describe(description)
const stringMap = (description: string) => z.record(z.string(), z.string()).default({}).describe(description)
const namespaceName = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63)

const image = (name: string, what: string) =>
  z
    .strictObject({
      repository: text(`tidewatch/${name}`, `Repository of ${what}, without a registry.`),
      tag: text('', 'Tag. Empty: the version of the chart.'),
      digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).default('').describe('Digest (`sha256:...`). Set, it is used and the tag is not.'),
    })
    .prefault({})
    .describe(`Image of ${what}.`)

/**
 * The chart's values: the one source of `values.yaml`, `values.schema.json` and the table in the chart's README. Every default is
 * here, every description is the comment in values.yaml.
 */
export const valuesSchema = z.strictObject({
  global: z
    .object({ imageRegistry: text('', 'Registry in front of all three repositories, as in `registry.example/mirror`. Empty: as the container runtime resolves them.') })
    .prefault({})
    .describe('Values that charts share.'),
  nameOverride: text('', 'Replaces the name of the chart in the names of objects.'),
  fullnameOverride: text('', 'Replaces the whole name of objects.'),
  image: image('operator', 'the operator'),
  detectorImage: image('detector', 'the detectors'),
  simulatorImage: image('simulator', 'the simulators'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When images are pulled: the operator\'s, and those of the pods that it makes.'),
  imagePullSecrets: z.array(z.strictObject({ name: z.string().min(1).describe('Name of the Secret.') })).default([]).describe('Secrets to pull the operator\'s image with. Pipelines and fleets name their own.'),
  replicaCount: z.int().min(0).max(10).default(1).describe('Operators. One leads and writes; each of them can answer the autoscaler.'),
  watchNamespaces: z.array(namespaceName).max(100).default([]).describe('Namespaces whose pipelines and fleets are reconciled. Empty: all. With a list, Roles in these namespaces take the place of the ClusterRole.'),
  leaderElection: flag(true, 'Elect a leader by a Lease. Switch it off only where there is one operator for sure.'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info').describe('The least level that is logged.'),
  lagMetrics: z
    .strictObject({ enabled: flag(true, 'Serve consumer lag as an External metric (`external.metrics.k8s.io`), so that detectors are scaled without KEDA. The operator takes the cluster\'s one slot only if it is free.') })
    .prefault({})
    .describe('The scaling signal.'),
  crds: z
    .strictObject({
      enabled: flag(true, 'Install and upgrade the definitions of DetectionPipeline and DeviceFleet with the chart.'),
      keep: flag(true, 'Leave them when the chart is uninstalled. Without them every pipeline and fleet is deleted.'),
    })
    .prefault({})
    .describe('Custom resource definitions.'),
  rbac: z
    .strictObject({
      create: flag(true, 'Make the roles of the operator and bind them.'),
      aggregateRoles: flag(true, 'Add both kinds to the cluster\'s `view`, `edit` and `admin` roles.'),
    })
    .prefault({})
    .describe('Permissions.'),
  serviceAccount: z
    .strictObject({
      create: flag(true, 'Make the service account.'),
      name: text('', 'Its name. Empty: the full name, or `default` where it is not made.'),
      annotations: stringMap('Annotations of the service account.'),
    })
    .prefault({})
    .describe('Who the operator is.'),
  resources: z
    .record(z.string(), z.unknown())
    .default({ requests: { cpu: '50m', memory: '192Mi' }, limits: { memory: '512Mi' } })
    .describe('Requests and limits of the operator.'),
  podAnnotations: stringMap('Annotations of the operator\'s pods.'),
  podLabels: stringMap('Further labels of the operator\'s pods.'),
  nodeSelector: stringMap('Nodes that the operator may run on, by label.'),
  tolerations: z.array(z.record(z.string(), z.unknown())).default([]).describe('Taints that the operator tolerates.'),
  affinity: passedOn('Affinity of the operator\'s pods.'),
  topologySpreadConstraints: z.array(z.record(z.string(), z.unknown())).default([]).describe('Replaces the rule that spreads operators over nodes.'),
  priorityClassName: text('', 'Priority class of the operator\'s pods, such as `system-cluster-critical`.'),
  terminationGracePeriodSeconds: z.int().min(1).max(600).default(30).describe('How long the operator has to finish what it is at, in seconds.'),
  tmpSizeLimit: text('64Mi', 'Most that the operator may write to `/tmp`.'),
  podDisruptionBudget: z
    .strictObject({ enabled: flag(true, 'Keep one operator while nodes are drained. Made only where there is more than one.') })
    .prefault({})
    .describe('Voluntary disruptions.'),
  service: z.strictObject({ annotations: stringMap('Annotations of the Service.') }).prefault({}).describe('The Service in front of metrics, probes and the scaling signal.'),
  networkPolicies: z
    .strictObject({
      operator: flag(true, 'Fence the operator in: in for metrics and the signal; out to the API server, brokers, DNS and the pods it scrapes.'),
      pipelines: flag(true, 'Have the operator fence in the pods of pipelines and fleets.'),
      apiServerPorts: z.array(z.int().min(1).max(65535)).default([443, 6443]).describe('Ports of the API server that the operator may reach.'),
      kafkaPorts: z.array(z.int().min(1).max(65535)).default([9092, 9093, 9094, 9095]).describe('Ports of brokers that the operator may reach. Add yours if it is another: lag is read and `Direct` topics are made from the operator.'),
      extraEgress: z.array(z.record(z.string(), z.unknown())).default([]).describe('Further egress rules of the operator.'),
    })
    .prefault({})
    .describe('NetworkPolicies.'),
  serviceMonitor: z
    .strictObject({
      enabled: flag(false, 'Have Prometheus scrape the operator; needs the Prometheus Operator.'),
      interval: text('30s', 'How often.'),
      labels: stringMap('Labels that your Prometheus selects ServiceMonitors by.'),
    })
    .prefault({})
    .describe('Metrics of the operator. For detectors and simulators the operator makes PodMonitors itself.'),
  prometheusRule: z
    .strictObject({
      enabled: flag(false, 'Install the alerts; needs the Prometheus Operator.'),
      labels: stringMap('Labels that your Prometheus selects rules by.'),
    })
    .prefault({})
    .describe('Alerts.'),
  dashboards: z
    .strictObject({
      enabled: flag(false, 'Install the dashboard in a ConfigMap for Grafana\'s sidecar.'),
      labels: z.record(z.string(), z.string()).default({ grafana_dashboard: '1' }).describe('Labels that the sidecar selects by.'),
      annotations: stringMap('Annotations, such as the folder.'),
    })
    .prefault({})
    .describe('Dashboards.'),
  extraObjects: z.array(z.record(z.string(), z.unknown())).default([]).describe('Further manifests, installed with the release. Texts in them are templates.'),
})

export type ChartValues = z.output<typeof valuesSchema>
