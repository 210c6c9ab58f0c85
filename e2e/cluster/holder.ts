// The process that a cluster of `make cluster` lives in: the cluster ends with it. It answers on a socket in heldFolder():
// GET / tells where the cluster is, POST /images loads the archive named in the body, POST /stop ends all.
import { copyFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { messageOf } from '@tidewatch/kit'
import { heldKubeconfig, heldSocket, type HeldCluster } from './held.ts'
import { startLocalCluster, type LocalCluster } from './local.ts'

const cluster = await startLocalCluster().catch((error: unknown): never => {
  console.error(messageOf(error))
  process.exit(1)
})
copyFileSync(cluster.kubeconfig, heldKubeconfig())
const held: HeldCluster = { kubeconfig: heldKubeconfig(), auditLog: cluster.auditLog, pid: process.pid }

let ending: Promise<void> | undefined
/** Once, however often it is asked for. */
const end = (): Promise<void> =>
  (ending ??= (async () => {
    rmSync(heldKubeconfig(), { force: true })
    await cluster.stop()
  })())

const server = createServer((asked, answer) => {
  respond(asked, cluster).then(
    (body) => answer.end(body),
    (error: unknown) => {
      answer.statusCode = 500
      answer.end(messageOf(error))
    },
  )
})

async function respond(asked: IncomingMessage, { loadImage }: LocalCluster): Promise<string> {
  const body = await text(asked)
  switch (`${asked.method} ${asked.url}`) {
    case 'GET /':
      return JSON.stringify(held)
    case 'POST /images':
      await loadImage(body)
      return ''
    case 'POST /stop':
      await end().finally(() => server.close())
      return ''
    default:
      throw new Error(`The holder of the cluster knows no ${asked.method} ${asked.url}`)
  }
}

// A socket file of a holder that was killed.
rmSync(heldSocket(), { force: true })
server.listen(heldSocket())
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    end()
      .catch((error: unknown) => {
        console.error(messageOf(error))
        process.exitCode = 1
      })
      .finally(() => server.close())
  })
}
