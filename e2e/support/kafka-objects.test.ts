import { expect, test } from 'vitest'
import { buildKafkaObjects, buildNamespace, kafkaHost } from './kafka-objects.ts'

test('the Kafka pod keeps to the restricted level of Pod Security, and clients are sent to its Service', () => {
  const objects = buildKafkaObjects({ namespace: 'stories', image: 'tidewatch/kafka:1', externalAddress: '127.0.0.1:4', passwordByUser: { u: 'p' } })
  expect(objects).toMatchObject([
    { kind: 'Service', metadata: { name: 'kafka', namespace: 'stories' }, spec: { ports: [{ name: 'plain', port: 9092 }, { name: 'scram', port: 9093 }, { name: 'external', port: 9094 }] } },
    {
      kind: 'Deployment',
      spec: {
        strategy: { type: 'Recreate' },
        template: {
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                image: 'tidewatch/kafka:1',
                env: [{ name: 'KAFKA_HOST', value: 'kafka.stories.svc' }, { name: 'KAFKA_EXTERNAL_ADDRESS', value: '127.0.0.1:4' }, { name: 'KAFKA_USERS', value: '{"u":"p"}' }],
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    },
  ])
  expect(kafkaHost('stories')).toBe('kafka.stories.svc')
  expect(buildNamespace('n')).toMatchObject({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })
})
