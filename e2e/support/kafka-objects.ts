import { externalPort, plainPort, scramPort } from '../images/kafka/settings.ts'

export interface KafkaPodOptions {
  namespace: string
  /** tidewatch/kafka:0.1.0 */
  image: string
  /** This machine's end of the port-forward, host:port. */
  externalAddress: string
  /** SCRAM users by name; none by default. */
  passwordByUser?: Record<string, string>
}

/** The name of the Service by which pods of all namespaces reach it. */
export const kafkaHost = (namespace: string): string => `kafka.${namespace}.svc`

/** A namespace in which only pods run that need no privilege. @param holds what the stories share, or what one of them makes */
export function buildNamespace(name: string, holds: 'platform' | 'story' = 'story'): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'tidewatch.dev/stories': holds } } }
}

/** Kafka in one pod: its Service and its Deployment. Its data live as long as the pod. */
export function buildKafkaObjects({ namespace, image, externalAddress, passwordByUser = {} }: KafkaPodOptions): object[] {
  const labels = { app: 'kafka' }
  const ports = { plain: plainPort, scram: scramPort, external: externalPort }
  const container = {
    name: 'kafka',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [
      { name: 'KAFKA_HOST', value: kafkaHost(namespace) },
      { name: 'KAFKA_EXTERNAL_ADDRESS', value: externalAddress },
      { name: 'KAFKA_USERS', value: JSON.stringify(passwordByUser) },
    ],
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
    // No liveness: a broker that the stories have stopped is meant to stay so.
    readinessProbe: { tcpSocket: { port: 'plain' }, periodSeconds: 1 },
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'tmp', mountPath: '/tmp' }],
  }
  const spec = {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: [{ name: 'data', emptyDir: {} }, { name: 'tmp', emptyDir: {} }],
  }
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kafka', namespace }, spec: { selector: labels, ports: Object.entries(ports).map(([name, port]) => ({ name, port, targetPort: name })) } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'kafka', namespace }, spec: { replicas: 1, strategy: { type: 'Recreate' }, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } },
  ]
}
