// A Kubernetes cluster to try things on: `npm run cluster -- up [--kubeconfig FILE] | down | status | build`. What `up` makes goes
// on running until `down`; `build` makes nothing but the binaries that it needs.
import { parseArgs } from 'node:util'
import { messageOf } from '@tidewatch/kit'
import { ensureBinaries } from '../e2e/cluster/binaries.ts'
import { openGivenCluster } from '../e2e/cluster/given.ts'
import { findHeldCluster, startHeldCluster, stopHeldCluster } from '../e2e/cluster/held.ts'
import { findKindObstacle } from '../e2e/cluster/kind.ts'
import { findKeptKind, makeKeptKind, removeKeptKind } from '../e2e/cluster/kept-kind.ts'
import { isLocalClusterThere, removeLeftovers } from '../e2e/cluster/local.ts'

const usage = 'usage: cluster up [--kubeconfig FILE] | down | status | build'
const say = (sentence: string) => console.log(`cluster: ${sentence}`)

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  console.error(`cluster: ${messageOf(error)}`)
  process.exitCode = 1
}

async function run(args: string[]): Promise<number> {
  const { command, kubeconfig } = parse(args)
  switch (command) {
    case 'up':
      return up(kubeconfig)
    case 'down':
      return down()
    case 'status':
      return tellStatus()
    case 'build':
      ensureBinaries()
      return 0
    default:
      console.error(usage)
      return 2
  }
}

function parse(args: string[]): { command: string | undefined; kubeconfig: string | undefined } {
  try {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { kubeconfig: { type: 'string' } } })
    return { command: positionals.length === 1 ? positionals[0] : undefined, kubeconfig: values.kubeconfig }
  } catch {
    return { command: undefined, kubeconfig: undefined }
  }
}

async function up(given: string | undefined): Promise<number> {
  const startMs = performance.now()
  const tell = (kind: string, kubeconfig: string, isNew: boolean): number => {
    say(isNew ? `${kind}, ready after ${((performance.now() - startMs) / 1_000).toFixed(1)} s` : `${kind}, runs already`)
    console.log(`export KUBECONFIG=${kubeconfig}`)
    return 0
  }
  if (given !== undefined) return tell('given', (await openGivenCluster(given)).kubeconfig, false)
  const held = await findHeldCluster()
  if (held !== undefined) return tell('local', held.kubeconfig, false)
  const kept = findKeptKind()
  if (kept !== undefined) return tell('kind', (await openGivenCluster(kept)).kubeconfig, false)

  const obstacle = await findKindObstacle(say)
  if (obstacle === undefined) return tell('kind', await makeKeptKind(), true)
  say(`no kind (${obstacle}): one is made on this machine`)
  // Here, where what it says can be seen: the holder has no terminal.
  ensureBinaries()
  return tell('local', (await startHeldCluster()).kubeconfig, true)
}

async function down(): Promise<number> {
  const hadKind = await removeKeptKind()
  const hadLocal = await stopHeldCluster()
  if (isLocalClusterThere()) {
    console.error('cluster: a local cluster that "cluster up" did not start runs on this machine: it ends with the tests that it belongs to')
    return 1
  }
  await removeLeftovers()
  say(hadKind || hadLocal ? 'removed' : 'there was none')
  return 0
}

async function tellStatus(): Promise<number> {
  const held = await findHeldCluster()
  const kept = findKeptKind()
  if (held !== undefined) console.log(`local, KUBECONFIG=${held.kubeconfig}, held by process ${held.pid}`)
  if (kept !== undefined) console.log(`kind, KUBECONFIG=${kept}`)
  if (held !== undefined || kept !== undefined) return 0
  console.log(isLocalClusterThere() ? 'a local cluster of somebody else' : 'none')
  return 3
}
