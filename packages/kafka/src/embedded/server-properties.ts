import { buildListeners, type Listener } from './listeners.ts'

/** What one broker's configuration depends on. */
export interface BrokerSettings {
  port: number
  controllerPort: number
  dataDir: string
  /** Beside the one at `port`, which lets everybody in. */
  extraListeners?: readonly Listener[]
  /** Lines that win over ours. */
  config: Record<string, string>
}

/** The server.properties of a single node that is broker and controller in one: small, quick, alone. */
export function buildServerProperties({ port, controllerPort, dataDir, extraListeners = [], config }: BrokerSettings): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    ...buildListeners([{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', address: `127.0.0.1:${port}` }, ...extraListeners], controllerPort),
    'log.dirs': dataDir,

    // There is nobody to replicate to.
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,

    // Each partition costs file handles and start time; one broker gains nothing from 50.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    // An index file is allocated in full for each segment: 10 MiB apiece by default.
    'log.index.size.max.bytes': 1_048_576,
    'log.segment.bytes': 134_217_728,
    'offsets.topic.segment.bytes': 16_777_216,
    'transaction.state.log.segment.bytes': 16_777_216,
    'log.cleaner.dedupe.buffer.size': 16_777_216,

    // After a kill -9 the node's own controller lets it in again only when its old session has ended (9 s by default).
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // A group of one need not wait 3 s for others to come.
    'group.initial.rebalance.delay.ms': 0,
    // A misspelt topic is an error, not a new topic.
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'controlled.shutdown.enable': false,
    ...config,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** The broker's own log: plain lines on standard output. */
export const loggingProperties = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`
