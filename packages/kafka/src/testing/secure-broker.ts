import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaTool, startEmbeddedKafka } from '../embedded/index.ts'

/** A broker that encrypts and asks who one is, with a second listener that does neither. */
export interface SecureBroker {
  /** The listener that lets everybody in. */
  readonly brokers: string
  /** SASL_SSL: PLAIN (alice, wonder) and SCRAM-SHA-512. */
  readonly secureAddress: string
  /** The authority that signed its certificate. */
  readonly caFile: string
  /** An authority that signed nothing. */
  readonly strangerFile: string
  /** For the files of a test; `stop` removes it. */
  readonly folder: string
  /** Sets, or changes, a user's SCRAM password. */
  setPassword(user: string, password: string): Promise<void>
  stop(): Promise<void>
}

export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-secure-'))
  makeCertificates(folder)
  const listener = 'listener.name.sasl_ssl'
  const broker = await startEmbeddedKafka({
    extraListeners: [{ name: 'SASL_SSL', protocol: 'SASL_SSL' }],
    config: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': join(folder, 'broker.pem'),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      [`${listener}.plain.sasl.jaas.config`]: 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="wonder";',
      [`${listener}.scram-sha-512.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      // A client renews its session 10 s before the end, so here after 2 s.
      'connections.max.reauth.ms': '12000',
    },
  })
  return {
    brokers: broker.brokers,
    secureAddress: `127.0.0.1:${broker.portOf('SASL_SSL')}`,
    caFile: join(folder, 'ca.crt'),
    strangerFile: join(folder, 'stranger.crt'),
    folder,
    async setPassword(user, password) {
      const { exitCode, stdout } = await kafkaTool('kafka.admin.ConfigCommand', [
        ...['--bootstrap-server', broker.brokers, '--alter', '--entity-type', 'users', '--entity-name', user],
        ...['--add-config', `SCRAM-SHA-512=[iterations=4096,password=${password}]`],
      ])
      if (exitCode !== 0) throw new Error(`Kafka's tool could not set a password: ${stdout}`)
    },
    async stop() {
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An authority with a certificate for 127.0.0.1 from it, and an authority without. */
function makeCertificates(into: string): void {
  const openssl = (command: string) => execFileSync('sh', ['-c', command], { cwd: into, stdio: 'ignore' })
  openssl('openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2')
  openssl('openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.crt -subj /CN=stranger -days 2')
  openssl('openssl req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=127.0.0.1')
  openssl(
    'echo subjectAltName=IP:127.0.0.1 > ext && openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out broker.crt',
  )
  openssl('cat broker.key broker.crt ca.crt > broker.pem')
}
