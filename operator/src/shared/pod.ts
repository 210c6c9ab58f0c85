import type { DetectionPipeline } from '@tidewatch/api'
import { listSecrets, type ResolvedConnection } from '../kafka/connection.ts'
import { hashOf } from './hash.ts'
import { buildLabels, buildSelector, configHashAnnotation, type Component } from './labels.ts'

type PodTemplateSpec = DetectionPipeline['spec']['template']

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: unknown
}

/** What a detector's pod and a simulator's pod differ in. */
export interface PodInput {
  component: Component
  /** Name of the pipeline or fleet. */
  owner: string
  image: string
  imagePullPolicy: string
  /** `spec.template`: overrides of the user's. */
  template: PodTemplateSpec
  imagePullSecrets: { name: string }[]
  configMapName: string
  serviceAccountName: string
  connection: ResolvedConnection
  /** Anything in the configuration that a running process must be restarted for. */
  configHash: string
  env?: EnvVar[]
  terminationGracePeriodSeconds: number
  /** Only for a Job. */
  restartPolicy?: 'OnFailure' | 'Never'
}

/** The port of probes and metrics, by its name. */
export const metricsPort = { name: 'metrics', port: 8080 } as const
export const configFolder = '/etc/tidewatch'

const secretsFolder = `${configFolder}/secrets`
const user = 65_532
const readableByGroup = 0o440

const defaultResources = { requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '1Gi' } }

/** The pod template, restricted as Pod Security's `restricted` level asks: a Deployment's or a Job's `spec.template`. */
export function buildPodTemplate(input: PodInput): { metadata: object; spec: object } {
  const { component, owner, template, connection } = input
  const labels = buildLabels(component, owner)
  return {
    metadata: { labels, annotations: { [configHashAnnotation]: input.configHash } },
    spec: {
      serviceAccountName: input.serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: input.terminationGracePeriodSeconds,
      ...(input.restartPolicy === undefined ? {} : { restartPolicy: input.restartPolicy }),
      securityContext: { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
      ...(input.imagePullSecrets.length === 0 ? {} : { imagePullSecrets: input.imagePullSecrets.map(({ name }) => ({ name })) }),
      ...(template.nodeSelector === undefined ? {} : { nodeSelector: template.nodeSelector }),
      ...(template.tolerations === undefined ? {} : { tolerations: template.tolerations }),
      ...(template.affinity === undefined ? {} : { affinity: template.affinity }),
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: buildSelector(component, owner) } },
      ],
      containers: [
        {
          name: component,
          image: template.image ?? input.image,
          imagePullPolicy: input.imagePullPolicy,
          env: mergeEnv(template.env, [{ name: 'TIDEWATCH_CONFIG_FILE', value: `${configFolder}/config.json` }, ...buildKafkaEnv(connection), ...(input.env ?? [])]),
          ports: [{ name: metricsPort.name, containerPort: metricsPort.port, protocol: 'TCP' }],
          resources: template.resources ?? defaultResources,
          ...buildProbes(),
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          // The last words of a container that ends, for the condition that tells of it.
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: [
            { name: 'config', mountPath: `${configFolder}/config.json`, subPath: 'config.json', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
            ...listSecrets(connection).map(({ purpose }) => ({ name: purpose, mountPath: `${secretsFolder}/${purpose}`, readOnly: true })),
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: input.configMapName } },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
        // No subPath: only so does the kubelet bring a rotated Secret up to date in a running pod.
        ...listSecrets(connection).map(({ purpose, secret }) => ({
          name: purpose,
          secret: { secretName: secret.name, defaultMode: readableByGroup, items: [{ key: secret.key, path: fileOf(purpose) }] },
        })),
      ],
    },
  }
}

/** The environment that tells a process where Kafka is and how to be let in; its files are mounted by `buildPodTemplate`. */
export function buildKafkaEnv(connection: ResolvedConnection): EnvVar[] {
  const { brokers, tls, authentication } = connection
  const pathOf = (purpose: string) => `${secretsFolder}/${purpose}/${fileOf(purpose)}`
  const env: EnvVar[] = [{ name: 'TIDEWATCH_KAFKA_BROKERS', value: brokers.join(',') }]
  if (tls !== undefined) {
    env.push({ name: 'TIDEWATCH_KAFKA_TLS', value: 'true' })
    if (tls.authorities.length > 0) env.push({ name: 'TIDEWATCH_KAFKA_CA_FILES', value: tls.authorities.map((_, i) => pathOf(`authority-${i}`)).join(',') })
  }
  if (authentication === undefined) return env
  if (authentication.kind === 'tls') {
    return [...env, { name: 'TIDEWATCH_KAFKA_CERTIFICATE_FILE', value: pathOf('certificate') }, { name: 'TIDEWATCH_KAFKA_KEY_FILE', value: pathOf('key') }]
  }
  return [
    ...env,
    { name: 'TIDEWATCH_KAFKA_SASL_MECHANISM', value: authentication.kind === 'plain' ? 'PLAIN' : 'SCRAM-SHA-512' },
    { name: 'TIDEWATCH_KAFKA_USERNAME', value: authentication.username },
    { name: 'TIDEWATCH_KAFKA_PASSWORD_FILE', value: pathOf('password') },
  ]
}

/** The hash of a configuration for the annotation that makes pods roll when it changes. */
export const configHashOf = (config: unknown): string => hashOf(config)

const fileNames: Record<string, string> = { certificate: 'tls.crt', key: 'tls.key', password: 'password' }
const fileOf = (purpose: string): string => fileNames[purpose] ?? 'ca.crt'

/** Ours win: a process whose configuration was redirected by accident would be a riddle. */
function mergeEnv(theirs: readonly EnvVar[], ours: readonly EnvVar[]): EnvVar[] {
  const byName = new Map([...theirs, ...ours].map((variable) => [variable.name, variable]))
  return [...byName.values()]
}

function buildProbes() {
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({ httpGet: { path, port: metricsPort.name }, periodSeconds, failureThreshold, timeoutSeconds: 5 })
  return { startupProbe: probe('/healthz', 2, 60), livenessProbe: probe('/healthz', 10, 6), readinessProbe: probe('/readyz', 5, 3) }
}
