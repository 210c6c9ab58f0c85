import { buildListeners, type Listener } from '../../../packages/kafka/src/embedded/listeners.ts'
import { buildServerProperties } from '../../../packages/kafka/src/embedded/server-properties.ts'

/** How the broker of a pod is started; all from its environment. */
export interface BrokerPodSettings {
  /** The name by which pods reach it: that of its Service. */
  host: string
  /** What clients outside the cluster are told to connect to, as host:port: this end of a port-forward. */
  externalAddress: string
  /** SCRAM-SHA-512 users, by name; with any of them there is a third listener on which ACLs are obeyed. */
  passwordByUser: Record<string, string>
  dataDir: string
}

/** For pods, without authentication; who comes in here is a super user. */
export const plainPort = 9092
/** For pods, with SCRAM-SHA-512 over plain TCP and ACLs. */
export const scramPort = 9093
/** For the tests, through a port-forward. */
export const externalPort = 9094
const controllerPort = 9099

/** @throws Error naming what is missing. */
export function readSettings(environment: Record<string, string | undefined>): BrokerPodSettings {
  const { KAFKA_HOST: host, KAFKA_EXTERNAL_ADDRESS: externalAddress, KAFKA_USERS: users = '{}', KAFKA_DATA_DIR: dataDir = '/data' } = environment
  if (!host) throw new Error('KAFKA_HOST is not set: the name of the Service in front of this pod')
  if (!externalAddress) throw new Error('KAFKA_EXTERNAL_ADDRESS is not set: host:port at which the tests reach this pod')
  return { host, externalAddress, passwordByUser: JSON.parse(users) as Record<string, string>, dataDir }
}

/** The server.properties of the pod's broker: the embedded one's, with listeners for pods and for the tests. */
export function buildPodProperties({ host, externalAddress, dataDir, passwordByUser }: BrokerPodSettings): string {
  const onAll = (name: string, port: number, advertised: string, protocol: Listener['protocol'] = 'PLAINTEXT'): Listener => ({ name, protocol, address: `0.0.0.0:${port}`, advertised })
  const forUsers = Object.keys(passwordByUser).length === 0 ? [] : [onAll('SCRAM', scramPort, `${host}:${scramPort}`, 'SASL_PLAINTEXT')]
  const config = {
    ...buildListeners([onAll('PLAIN', plainPort, `${host}:${plainPort}`), onAll('EXTERNAL', externalPort, externalAddress), ...forUsers], controllerPort),
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.scram.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    // A user of whom no ACL speaks may do everything; as soon as one does, only what it says.
    'allow.everyone.if.no.acl.found': 'true',
  }
  return buildServerProperties({ port: plainPort, controllerPort, dataDir, config })
}

/** Arguments for kafka.tools.StorageTool; harmless where the folder was formatted before. */
export function buildFormatArguments({ passwordByUser }: BrokerPodSettings, propertiesFile: string): string[] {
  const users = Object.entries(passwordByUser).flatMap(([name, password]) => ['--add-scram', `SCRAM-SHA-512=[name=${name},password=${password}]`])
  return ['format', '--cluster-id', 'tidewatch-stories-0001', '--ignore-formatted', '--config', propertiesFile, ...users]
}
