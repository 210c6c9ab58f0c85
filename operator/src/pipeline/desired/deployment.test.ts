import { expect, test } from 'vitest'
import { planPipeline } from '../plan.ts'
import { anObserved } from '../testing/an-observed.ts'

const childOf = (kind: string, observed = anObserved()) => planPipeline(observed).apply.find(({ resource }) => resource.kind === kind)?.object

test('the Deployment, whole', () => {
  expect(childOf('Deployment')).toMatchInlineSnapshot(`
    {
      "apiVersion": "apps/v1",
      "kind": "Deployment",
      "metadata": {
        "labels": {
          "app.kubernetes.io/component": "detector",
          "app.kubernetes.io/instance": "hvac",
          "app.kubernetes.io/managed-by": "tidewatch-operator",
          "app.kubernetes.io/name": "tidewatch-detector",
          "app.kubernetes.io/part-of": "tidewatch",
          "tidewatch.dev/pipeline": "hvac",
        },
        "name": "hvac-detector",
        "namespace": "plant",
        "ownerReferences": [
          {
            "apiVersion": "tidewatch.dev/v1alpha1",
            "blockOwnerDeletion": true,
            "controller": true,
            "kind": "DetectionPipeline",
            "name": "hvac",
            "uid": "11111111-2222-3333-4444-555555555555",
          },
        ],
      },
      "spec": {
        "minReadySeconds": 5,
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 3,
        "selector": {
          "matchLabels": {
            "app.kubernetes.io/component": "detector",
            "app.kubernetes.io/instance": "hvac",
            "app.kubernetes.io/name": "tidewatch-detector",
          },
        },
        "strategy": {
          "rollingUpdate": {
            "maxSurge": 1,
            "maxUnavailable": 0,
          },
          "type": "RollingUpdate",
        },
        "template": {
          "metadata": {
            "annotations": {
              "tidewatch.dev/config-hash": "1r7s2ylgi5g",
            },
            "labels": {
              "app.kubernetes.io/component": "detector",
              "app.kubernetes.io/instance": "hvac",
              "app.kubernetes.io/managed-by": "tidewatch-operator",
              "app.kubernetes.io/name": "tidewatch-detector",
              "app.kubernetes.io/part-of": "tidewatch",
              "tidewatch.dev/pipeline": "hvac",
            },
          },
          "spec": {
            "automountServiceAccountToken": false,
            "containers": [
              {
                "env": [
                  {
                    "name": "TIDEWATCH_CONFIG_FILE",
                    "value": "/etc/tidewatch/config.json",
                  },
                  {
                    "name": "TIDEWATCH_KAFKA_BROKERS",
                    "value": "kafka:9092",
                  },
                  {
                    "name": "TIDEWATCH_INSTANCE_ID",
                    "valueFrom": {
                      "fieldRef": {
                        "fieldPath": "metadata.name",
                      },
                    },
                  },
                ],
                "image": "tidewatch/detector:0.1.0",
                "imagePullPolicy": "IfNotPresent",
                "livenessProbe": {
                  "failureThreshold": 6,
                  "httpGet": {
                    "path": "/healthz",
                    "port": "metrics",
                  },
                  "periodSeconds": 10,
                  "timeoutSeconds": 5,
                },
                "name": "detector",
                "ports": [
                  {
                    "containerPort": 8080,
                    "name": "metrics",
                    "protocol": "TCP",
                  },
                ],
                "readinessProbe": {
                  "failureThreshold": 3,
                  "httpGet": {
                    "path": "/readyz",
                    "port": "metrics",
                  },
                  "periodSeconds": 5,
                  "timeoutSeconds": 5,
                },
                "resources": {
                  "limits": {
                    "memory": "1Gi",
                  },
                  "requests": {
                    "cpu": "100m",
                    "memory": "192Mi",
                  },
                },
                "securityContext": {
                  "allowPrivilegeEscalation": false,
                  "capabilities": {
                    "drop": [
                      "ALL",
                    ],
                  },
                  "readOnlyRootFilesystem": true,
                },
                "startupProbe": {
                  "failureThreshold": 60,
                  "httpGet": {
                    "path": "/healthz",
                    "port": "metrics",
                  },
                  "periodSeconds": 2,
                  "timeoutSeconds": 5,
                },
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": [
                  {
                    "mountPath": "/etc/tidewatch/config.json",
                    "name": "config",
                    "readOnly": true,
                    "subPath": "config.json",
                  },
                  {
                    "mountPath": "/tmp",
                    "name": "tmp",
                  },
                ],
              },
            ],
            "enableServiceLinks": false,
            "securityContext": {
              "fsGroup": 65532,
              "runAsGroup": 65532,
              "runAsNonRoot": true,
              "runAsUser": 65532,
              "seccompProfile": {
                "type": "RuntimeDefault",
              },
            },
            "serviceAccountName": "hvac-detector",
            "terminationGracePeriodSeconds": 30,
            "topologySpreadConstraints": [
              {
                "labelSelector": {
                  "matchLabels": {
                    "app.kubernetes.io/component": "detector",
                    "app.kubernetes.io/instance": "hvac",
                    "app.kubernetes.io/name": "tidewatch-detector",
                  },
                },
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
              },
            ],
            "volumes": [
              {
                "configMap": {
                  "name": "hvac-detector",
                },
                "name": "config",
              },
              {
                "emptyDir": {
                  "sizeLimit": "64Mi",
                },
                "name": "tmp",
              },
            ],
          },
        },
      },
    }
  `)
})

type Pod = { volumes: { name: string }[]; imagePullSecrets?: unknown; containers: { image: string; resources: unknown; env: { name: string; value?: string }[]; volumeMounts: { name: string; mountPath: string }[] }[]; [field: string]: unknown }
const podOf = (observed: ReturnType<typeof anObserved>) => (childOf('Deployment', observed)?.spec as { template: { spec: Pod } }).template.spec

test('credentials are mounted, never written out, and each Secret shows only the key that is named', () => {
  const pod = podOf(
    anObserved({
      spec: (spec) =>
        (spec.kafka = {
          bootstrapServers: 'kafka:9093',
          tls: { trustedCertificates: [{ name: 'ca', key: 'root.pem' }] },
          authentication: { scramSha512: { username: 'hvac', passwordSecret: { name: 'login', key: 'pw' } } },
        }),
    }),
  )
  expect(pod.volumes.slice(2)).toEqual([
    { name: 'authority-0', secret: { secretName: 'ca', defaultMode: 0o440, items: [{ key: 'root.pem', path: 'ca.crt' }] } },
    { name: 'password', secret: { secretName: 'login', defaultMode: 0o440, items: [{ key: 'pw', path: 'password' }] } },
  ])
  expect(Object.fromEntries(pod.containers[0]!.env.map(({ name, value }) => [name, value]))).toEqual({
    TIDEWATCH_CONFIG_FILE: '/etc/tidewatch/config.json',
    TIDEWATCH_KAFKA_BROKERS: 'kafka:9093',
    TIDEWATCH_KAFKA_TLS: 'true',
    TIDEWATCH_KAFKA_CA_FILES: '/etc/tidewatch/secrets/authority-0/ca.crt',
    TIDEWATCH_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    TIDEWATCH_KAFKA_USERNAME: 'hvac',
    TIDEWATCH_KAFKA_PASSWORD_FILE: '/etc/tidewatch/secrets/password/password',
  })
})

test('what the manifest says of its pods counts, but for the variables that are ours', () => {
  const pod = podOf(
    anObserved({
      spec: (spec) => {
        spec.imagePullSecrets = [{ name: 'registry' }]
        spec.template = {
          image: 'mine:1',
          resources: { limits: { memory: '2Gi' } },
          nodeSelector: { disk: 'ssd' },
          tolerations: [{ key: 'edge', operator: 'Exists' }],
          affinity: { nodeAffinity: {} },
          env: [{ name: 'TIDEWATCH_LOG_LEVEL', value: 'debug' }, { name: 'TIDEWATCH_KAFKA_BROKERS', value: 'elsewhere:1' }],
        }
      },
    }),
  )
  expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'edge', operator: 'Exists' }], affinity: { nodeAffinity: {} } })
  expect(pod.containers[0]).toMatchObject({ image: 'mine:1', resources: { limits: { memory: '2Gi' } } })
  expect(pod.containers[0]!.env).toEqual([
    { name: 'TIDEWATCH_LOG_LEVEL', value: 'debug' },
    { name: 'TIDEWATCH_KAFKA_BROKERS', value: 'kafka:9092' },
    { name: 'TIDEWATCH_CONFIG_FILE', value: '/etc/tidewatch/config.json' },
    { name: 'TIDEWATCH_INSTANCE_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ])
})
