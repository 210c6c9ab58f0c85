// Run by `helm test` in a pod: the operator is ready, and the API server serves both kinds.
import { readFileSync } from 'node:fs'

const account = '/var/run/secrets/kubernetes.io/serviceaccount'
const apiServer = 'https://kubernetes.default.svc'
const lastTryAtMs = Date.now() + 60_000

/** Asks until the answer is a good one, for a minute. */
async function ask(url, headers) {
  for (;;) {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) }).then(
      async (response) => ({ isGood: response.ok, text: await response.text() }),
      (error) => ({ isGood: false, text: `${error.message} ${error.cause?.message ?? ''}` }),
    )
    if (answer.isGood) return answer.text
    if (Date.now() > lastTryAtMs) throw new Error(`${url}: ${answer.text.slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

await ask(`${process.env.OPERATOR}/readyz`)
console.log('The operator is ready')

const token = readFileSync(`${account}/token`, 'utf8')
const discovery = JSON.parse(await ask(`${apiServer}/apis/tidewatch.dev/v1alpha1`, { authorization: `Bearer ${token}` }))
const served = discovery.resources.map(({ name }) => name)
for (const plural of ['detectionpipelines', 'devicefleets']) {
  if (!served.includes(plural)) throw new Error(`The API server does not serve ${plural}.tidewatch.dev: install the chart with crds.enabled=true, or apply crds/`)
  console.log(`${plural}.tidewatch.dev is served`)
}
