import { parseMetrics, type MetricSample } from '@tidewatch/kit'

/** A page of ours is some 50 KB; what is larger is no page of ours. */
const mostBytes = 4 * 1024 * 1024
const timeoutMs = 5_000

/** Reads a process's metrics; undefined where it does not answer in time: it is starting, or on its way out. */
export type Scrape = (address: string, signal: AbortSignal) => Promise<MetricSample[] | undefined>

/** Over HTTP from `http://<address>/metrics`. */
export const scrapeMetrics: Scrape = async (address, signal) => {
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
    if (!response.ok || response.body === null) return undefined
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > mostBytes) return undefined
      chunks.push(chunk)
    }
    return parseMetrics(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
