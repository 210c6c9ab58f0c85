import { startEmbeddedKafka } from '@tidewatch/kafka'

/** A real broker that lets people in by SCRAM and checks what each may do, with a second listener where one may do anything. */
export interface GuardedKafka {
  /** The listener of whoever may do anything. */
  brokers: string
  /** SASL_PLAINTEXT with SCRAM-SHA-512. */
  scramAddress: string
  stop(): Promise<void>
}

export async function startGuardedKafka(): Promise<GuardedKafka> {
  const broker = await startEmbeddedKafka({
    extraListeners: [{ name: 'SASL_PLAINTEXT', protocol: 'SASL_PLAINTEXT' }],
    config: {
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      // As Strimzi sets it up for `authorization.type: simple`: what no rule allows is refused.
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  })
  return { brokers: broker.brokers, scramAddress: `127.0.0.1:${broker.portOf('SASL_PLAINTEXT')}`, stop: () => broker.stop() }
}
