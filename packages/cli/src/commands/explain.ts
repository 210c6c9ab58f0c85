import { resolvePipeline, type DetectionPipeline, type DetectorConfig } from '@tidewatch/api'
import { assertReachable, createPartitionReader, createTopicAdmin } from '@tidewatch/kafka'
import { AppError, createLogger } from '@tidewatch/kit'
import { explainVerdict } from '../explain/explain-verdict.ts'
import { exitCodeOf, toJson } from '../explain/explanation.ts'
import { renderPage } from '../explain/page.ts'
import { checkManifests } from '../manifests/check.ts'
import { formatDiagnostic } from '../manifests/diagnostic.ts'
import { readManifestTexts } from '../manifests/read.ts'
import type { Host } from './host.ts'
import type { Terminal } from './terminal.ts'
import { countErrors } from './validate.ts'

export interface ExplainOptions {
  id: string
  files: readonly string[]
  /** Of several pipelines in the manifests the one that is meant. */
  pipeline: string | undefined
  brokers: string | undefined
  json: boolean
}

/** Neither yes nor no: what was asked for cannot be done. */
const cannot = 2

/** `tidewatch explain`: the answer is the exit code: 0 reproduced to the bit, 1 comes to something else, 2 cannot be said. */
export async function explain(options: ExplainOptions, { terminal, settings }: Pick<Host, 'terminal' | 'settings'>): Promise<number> {
  try {
    const chosen = choosePipeline(options, terminal)
    if (chosen === undefined) return cannot
    const connection = { brokers: chosen.brokers, clientId: 'tidewatch-explain' }
    // What the Kafka client has to say goes with the complaints: standard output is the answer.
    const log = createLogger({ name: 'tidewatch', level: settings.logLevel === 'debug' || settings.logLevel === 'trace' ? settings.logLevel : 'silent', destination: { write: (text: string) => terminal.err(text.trimEnd()) } })
    await assertReachable(connection)
    const admin = createTopicAdmin({ connection, log })
    const reader = createPartitionReader({ connection, log })
    try {
      const explanation = await explainVerdict(chosen.config, options.id, { reader, admin })
      terminal.out(options.json ? JSON.stringify(toJson(options.id, explanation), null, 2) : renderPage(options.id, explanation, terminal.palette))
      return exitCodeOf(explanation)
    } finally {
      await Promise.all([reader.close(), admin.close()])
    }
  } catch (error) {
    // A stack says nothing about a file or a broker that is not there; anything else nobody foresaw.
    if (!(error instanceof AppError)) throw error
    terminal.err(terminal.errorPalette.red(`error: ${error.message}`))
    return cannot
  }
}

/** The configuration of the pipeline that is meant, and where its Kafka is; undefined after having said what is wrong. */
function choosePipeline({ files, pipeline: name, brokers }: ExplainOptions, terminal: Terminal): { config: DetectorConfig; brokers: string } | undefined {
  const complain = (text: string): undefined => void terminal.err(terminal.errorPalette.red(`error: ${text}`))
  const { manifests, diagnostics } = checkManifests(readManifestTexts(files), 'error')
  for (const diagnostic of diagnostics) terminal.err(formatDiagnostic(diagnostic, terminal.errorPalette))
  if (countErrors(diagnostics) > 0) return undefined
  const all = manifests.map(({ manifest }) => manifest).filter((manifest): manifest is DetectionPipeline => manifest.kind === 'DetectionPipeline')
  const names = all.map(({ metadata }) => metadata.name)
  const meant = name === undefined ? all : all.filter(({ metadata }) => metadata.name === name)
  const [one] = meant
  if (one === undefined) return complain(name === undefined ? 'the manifests hold no DetectionPipeline: give that of the detectors that made the verdict' : `the manifests hold no DetectionPipeline named ${name}; there is ${names.join(', ') || 'none'}`)
  if (meant.length > 1) return complain(`the manifests hold ${names.length} pipelines (${names.join(', ')}): name one with --pipeline`)
  const address = brokers ?? one.spec.kafka.bootstrapServers
  if (address === undefined) return complain(`${one.metadata.name} names no bootstrapServers: give the address of its Kafka with --brokers`)
  return { config: resolvePipeline(one), brokers: address }
}
