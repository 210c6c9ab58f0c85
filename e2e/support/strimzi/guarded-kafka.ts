import { startEmbeddedKafka } from '@tidewatch/kafka'
import { findFreePorts } from '../../cluster/free-ports.ts'

/** A real broker that lets people in by SCRAM and checks what each may do, with a second listener where one may do anything. */
export interface GuardedKafka {
  /** The listener of whoever may do anything. */
  brokers: string
  /** SASL_PLAINTEXT with SCRAM-SHA-512. */
  scramAddress: string
  stop(): Promise<void>
}

export async function startGuardedKafka(): Promise<GuardedKafka> {
  const [port, scramPort, controllerPort] = (await findFreePorts(3)) as [number, number, number]
  const scramAddress = `127.0.0.1:${scramPort}`
  const toClients = `PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://${scramAddress}`
  const broker = await startEmbeddedKafka({
    port,
    config: {
      listeners: `${toClients},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': toClients,
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      // As Strimzi sets it up for `authorization.type: simple`: what no rule allows is refused.
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  })
  return { brokers: broker.brokers, scramAddress, stop: () => broker.stop() }
}
