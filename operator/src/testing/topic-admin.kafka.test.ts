import { createTopicAdmin, type TopicAdmin } from '@tidewatch/kafka'
import { testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll } from 'vitest'
import { describeTopicAdmin } from './topic-admin-contract.ts'

let admin: TopicAdmin
beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log: createLogger({ name: 'test', level: 'fatal' }) })
})
afterAll(() => admin.close())

describeTopicAdmin({ admin: () => admin, uniqueName })
