import { FakeKafkaCluster } from './fake-kafka-cluster.ts'
import { describeTopicAdmin } from './topic-admin-contract.ts'

const admin = new FakeKafkaCluster().createAdmin({ connection: { brokers: 'kafka:9092', clientId: 'test' } })
let made = 0
describeTopicAdmin({ admin: () => admin, uniqueName: (prefix) => `${prefix}-${made++}` })
