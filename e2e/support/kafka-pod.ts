import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertReachable } from '@tidewatch/kafka'
import { externalPort, plainPort, scramPort } from '../images/kafka/settings.ts'
import { eventually } from './eventually.ts'
import { buildKafkaObjects, buildNamespace, kafkaHost } from './kafka-objects.ts'
import type { Kubectl } from './kubectl.ts'

/** Where a Kafka pod is found; plain data, so that it can be handed to every test. */
export interface KafkaAddresses {
  namespace: string
  /** For pods. */
  bootstrap: string
  /** For pods that log in by SCRAM-SHA-512. */
  scramBootstrap: string
  /** For this machine. */
  external: string
}

const startTimeoutMs = 120_000

export interface DeployedKafka {
  addresses: KafkaAddresses
  /** Removes it with its namespace. */
  remove: () => Promise<void>
  /** Ends the port-forward and leaves the rest to whoever ends the cluster. */
  forget: () => Promise<void>
}

/** Kafka as a pod of the cluster in a namespace of its own, reached from here by a port-forward. */
export async function deployKafka(kubectl: Kubectl, options: { namespace: string; image: string; passwordByUser?: Record<string, string> }): Promise<DeployedKafka> {
  const { namespace } = options
  // Chosen before the pod starts: the broker tells its clients where to connect to.
  const port = await findFreePort()
  const external = `127.0.0.1:${port}`
  await kubectl.apply([buildNamespace(namespace, 'platform'), ...buildKafkaObjects({ ...options, externalAddress: external })])
  const forward = keepForwarding(kubectl, namespace, port)
  const remove = async () => {
    await forward.stop()
    await kubectl.run(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s'])
  }
  try {
    await kubectl.run(['rollout', 'status', 'deployment/kafka', '-n', namespace, `--timeout=${startTimeoutMs / 1_000}s`])
    const addresses = { namespace, bootstrap: `${kafkaHost(namespace)}:${plainPort}`, scramBootstrap: `${kafkaHost(namespace)}:${scramPort}`, external }
    await waitForKafka(addresses)
    return { addresses, remove, forget: () => forward.stop() }
  } catch (error) {
    const logs = await kubectl.run(['logs', 'deployment/kafka', '-n', namespace, '--tail=20']).catch(String)
    await remove()
    throw new Error(`Kafka did not start as a pod: ${String(error)}\n${logs}`, { cause: error })
  }
}

/** Stops the broker and keeps its pod and its data. Clients are refused from then on. */
export async function stopKafka(kubectl: Kubectl, { namespace }: KafkaAddresses): Promise<void> {
  await signalKafka(kubectl, namespace, 'SIGHUP')
  await kubectl.run(['wait', 'pod', '-l', 'app=kafka', '-n', namespace, '--for=condition=Ready=false', '--timeout=60s'])
}

/** Starts it again with the same data. */
export async function restartKafka(kubectl: Kubectl, addresses: KafkaAddresses): Promise<void> {
  await signalKafka(kubectl, addresses.namespace, 'SIGUSR2')
  await kubectl.run(['wait', 'pod', '-l', 'app=kafka', '-n', addresses.namespace, '--for=condition=Ready', '--timeout=60s'])
  await waitForKafka(addresses)
}

/** The image has no shell; Node sends the signal to the pod's first process. */
async function signalKafka(kubectl: Kubectl, namespace: string, signal: string): Promise<void> {
  await kubectl.run(['exec', 'deployment/kafka', '-n', namespace, '--', 'node', '-e', `process.kill(1, '${signal}')`])
}

async function waitForKafka({ external }: KafkaAddresses): Promise<void> {
  const ask = () => assertReachable({ brokers: external, clientId: 'stories' }, 2_000).then(() => 'reachable', String)
  await eventually(`Kafka answers at ${external}`, ask, (answer) => answer === 'reachable', { timeoutMs: startTimeoutMs })
}

/** A port-forward ends with the pod's connection; a new one takes its place until it is stopped. */
function keepForwarding(kubectl: Kubectl, namespace: string, port: number): { stop: () => Promise<void> } {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      const child = kubectl.start(['port-forward', 'deployment/kafka', '-n', namespace, `${port}:${externalPort}`])
      const kill = () => void child.kill('SIGKILL')
      stopped.signal.addEventListener('abort', kill)
      process.once('exit', kill)
      // Nobody reads what it says; unread, it would stop at a full pipe.
      child.stdout?.resume()
      child.stderr?.resume()
      await new Promise((resolve) => child.once('close', resolve))
      stopped.signal.removeEventListener('abort', kill)
      process.off('exit', kill)
      if (!stopped.signal.aborted) await sleep(500)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopped.abort()
      return running
    },
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
