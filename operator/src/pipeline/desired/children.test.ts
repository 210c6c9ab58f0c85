import { expect, test } from 'vitest'
import { planPipeline } from '../plan.ts'
import { anObserved } from '../testing/an-observed.ts'

const childOf = (kind: string, observed = anObserved()) => planPipeline(observed).apply.find(({ resource }) => resource.kind === kind)?.object

test('the autoscaler, whole', () => {
  expect(childOf('HorizontalPodAutoscaler')).toMatchInlineSnapshot(`
    {
      "apiVersion": "autoscaling/v2",
      "kind": "HorizontalPodAutoscaler",
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
        "behavior": {
          "scaleDown": {
            "policies": [
              {
                "periodSeconds": 60,
                "type": "Pods",
                "value": 1,
              },
            ],
            "stabilizationWindowSeconds": 300,
          },
          "scaleUp": {
            "policies": [
              {
                "periodSeconds": 30,
                "type": "Percent",
                "value": 100,
              },
            ],
            "stabilizationWindowSeconds": 0,
          },
        },
        "maxReplicas": 8,
        "metrics": [
          {
            "external": {
              "metric": {
                "name": "tidewatch_drain_seconds",
                "selector": {
                  "matchLabels": {
                    "pipeline": "hvac",
                  },
                },
              },
              "target": {
                "type": "Value",
                "value": "30",
              },
            },
            "type": "External",
          },
        ],
        "minReplicas": 1,
        "scaleTargetRef": {
          "apiVersion": "apps/v1",
          "kind": "Deployment",
          "name": "hvac-detector",
        },
      },
    }
  `)
})

test('the ServiceAccount, whole', () => {
  expect(childOf('ServiceAccount')).toMatchInlineSnapshot(`
    {
      "apiVersion": "v1",
      "automountServiceAccountToken": false,
      "kind": "ServiceAccount",
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
    }
  `)
})

test('the Service, whole', () => {
  expect(childOf('Service')).toMatchInlineSnapshot(`
    {
      "apiVersion": "v1",
      "kind": "Service",
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
        "clusterIP": "None",
        "ports": [
          {
            "name": "metrics",
            "port": 8080,
            "protocol": "TCP",
            "targetPort": "metrics",
          },
        ],
        "publishNotReadyAddresses": true,
        "selector": {
          "app.kubernetes.io/component": "detector",
          "app.kubernetes.io/instance": "hvac",
          "app.kubernetes.io/name": "tidewatch-detector",
        },
      },
    }
  `)
})

test('the NetworkPolicy, whole', () => {
  expect(childOf('NetworkPolicy')).toMatchInlineSnapshot(`
    {
      "apiVersion": "networking.k8s.io/v1",
      "kind": "NetworkPolicy",
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
        "egress": [
          {
            "ports": [
              {
                "port": 53,
                "protocol": "UDP",
              },
              {
                "port": 53,
                "protocol": "TCP",
              },
            ],
          },
          {
            "ports": [
              {
                "port": 9092,
                "protocol": "TCP",
              },
            ],
          },
        ],
        "ingress": [
          {
            "ports": [
              {
                "port": "metrics",
                "protocol": "TCP",
              },
            ],
          },
        ],
        "podSelector": {
          "matchLabels": {
            "app.kubernetes.io/component": "detector",
            "app.kubernetes.io/instance": "hvac",
            "app.kubernetes.io/name": "tidewatch-detector",
          },
        },
        "policyTypes": [
          "Ingress",
          "Egress",
        ],
      },
    }
  `)
})

test('the PodDisruptionBudget, whole', () => {
  expect(childOf('PodDisruptionBudget')).toMatchInlineSnapshot(`
    {
      "apiVersion": "policy/v1",
      "kind": "PodDisruptionBudget",
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
        "maxUnavailable": 1,
        "selector": {
          "matchLabels": {
            "app.kubernetes.io/component": "detector",
            "app.kubernetes.io/instance": "hvac",
            "app.kubernetes.io/name": "tidewatch-detector",
          },
        },
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
      },
    }
  `)
})

test('the configuration is the resolved pipeline, with the identity that the API server gave it', () => {
  const { 'config.json': text = '' } = childOf('ConfigMap')?.data as Record<string, string>
  expect(JSON.parse(text)).toMatchObject({ pipeline: { name: 'hvac', namespace: 'plant', uid: '11111111-2222-3333-4444-555555555555' }, groupId: 'tidewatch.plant.hvac', topic: 'readings', partitions: 8 })
})
