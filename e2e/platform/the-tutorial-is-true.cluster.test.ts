import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { root } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { usePlatform } from '../support/platform.ts'
import { waitForCondition } from '../support/stories.ts'
import { askKafka } from '../support/topics.ts'
import { buildTutorial, withoutFigures, type Step } from '../support/tutorial.ts'

const { cluster, kafka, kubeconfig, kubectl, helm } = usePlatform()
const file = fileURLToPath(new URL('../../docs/tutorials/kubernetes.md', import.meta.url))
const namespace = 'plant'
/** What the tutorial calls the Kafka that its reader has. */
const readersKafka = 'kafka.kafka.svc:9092'

afterAll(async () => {
  await cluster.run(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=90s'])
  await askKafka(kafka.external, (admin) => admin.deleteTopics(['iot-metrics', 'hvac-anomalies', 'hvac-dead-letters']))
})

/** Runs a line as a shell would, with the tools of these tests under their own names. */
async function runLine(line: string): Promise<string> {
  const script = `kubectl() { ${kubectl} "$@"; }; helm() { ${helm} "$@"; }; set -eo pipefail; ${line.replaceAll(readersKafka, kafka.bootstrap)}`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: root, env: { ...process.env, KUBECONFIG: kubeconfig } })
  return stdout.replaceAll(kafka.bootstrap, readersKafka)
}

/** As told, with what it answers; `shown` is what the reader types where that differs. */
async function take(text: string, line: string, shown = line): Promise<Step> {
  return { text, command: shown, output: await runLine(line) }
}

test('the commands of the tutorial answer what the tutorial shows', async () => {
  const steps: Step[] = [
    {
      text: 'First a cluster with the images in it. On one of your own, push the images of `make images` to a registry that it can pull from and name them when you install (`--set imageRegistry=...`); on this machine two commands make a cluster and put them there:',
      command: 'make cluster && make images',
      output: '',
    },
  ]
  // Installed by the set-up of all stories: its status is what the installation printed.
  steps.push(await take('The operator and its two kinds:', 'helm status tidewatch -n tidewatch', 'helm install tidewatch helm/tidewatch -n tidewatch --create-namespace'))
  steps.push(await take('A namespace for the devices and the pipeline that watches them. They run under the strictest of the Pod Security Standards, so it may ask for that:', `kubectl create namespace ${namespace}`))
  steps.push(await take('', `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=restricted`))
  const apply = `sed 's/clusterRef: .*/bootstrapServers: ${readersKafka}/' config/samples/valid/hvac.yaml | kubectl apply -n ${namespace} -f -`
  steps.push(
    await take(
      `Eleven HVAC devices, four of them with a fault each, and the pipeline. The sample names a Kafka cluster of Strimzi in its own namespace; where there is one, \`kubectl apply -f config/samples/valid/hvac.yaml\` is all there is to do. Here it is any other Kafka that the pods can reach, by its address:`,
      apply,
    ),
  )
  await waitForCondition(cluster, 'detectionpipeline', { namespace, name: 'hvac' }, { type: 'Ready', status: 'True', reason: 'Running' })
  const look = `kubectl get dp,fleet -n ${namespace}`
  await eventually('there are anomalies', () => cluster.run(['get', 'dp', 'hvac', '-n', namespace, '-o', 'jsonpath={.status.anomalies.total}']), (total) => Number(total) > 0, { timeoutMs: 120_000, everyMs: 1_000 })
  await eventually('the fleet has ended', () => cluster.run(['get', 'fleet', 'hvac', '-n', namespace, '-o', 'jsonpath={.status.phase}']), (phase) => phase === 'Completed', { timeoutMs: 120_000, everyMs: 1_000 })
  steps.push(await take('A minute and a day of event time later the fleet has sent everything, and the pipeline has found the faults (`-w` shows each change as it happens):', look))
  steps.push(await take('A second detector now, and never fewer from now on; above that the autoscaler goes on by the lag:', `kubectl scale dp hvac --replicas=2 -n ${namespace}`))
  steps.push(await take('Every field explains itself:', 'kubectl explain dp.spec.scaling.targetDrainTime'))
  const described = await take('What happened to it, and how it is, as with any built-in kind:', `kubectl describe dp hvac -n ${namespace} | sed -n '/^Events:/,$p'`)
  expect(described.output).toMatch(/TopicCreated.*Created topic hvac-anomalies/)
  steps.push(described)
  steps.push(await take('All of it goes with its namespace; the topics stay, because they hold data:', `kubectl delete namespace ${namespace} --wait=false`))
  const now = buildTutorial(steps)

  if (process.env['TIDEWATCH_E2E_WRITE_TUTORIAL'] === 'true') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, now)
  }
  const written = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // Wrong? Write it anew: TIDEWATCH_E2E_WRITE_TUTORIAL=true make e2e
  expect(withoutFigures(now)).toBe(withoutFigures(written))
})
