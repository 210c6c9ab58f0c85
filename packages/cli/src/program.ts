import { parseDuration } from '@tidewatch/api'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Host } from './commands/host.ts'
import type { WindowChoice } from './replay/plan.ts'

const version = '0.1.0'

/** The command line; `finish` is told the exit code. */
export function createProgram(host: Host, finish: (code: number) => void): Command {
  const program = new Command('tidewatch')
    .description('Finds anomalies in streams of device readings in Kafka.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', environmentHelp)

  program
    .command('up')
    .summary('run pipelines and fleets on this machine')
    .description(
      'Runs the pipelines and fleets of the manifests on this machine: finds a broker (--brokers, the manifests\' bootstrapServers, ' +
        'or an embedded Apache Kafka where they name a cluster), creates the topics, starts detectors and simulators, shows what they do, ' +
        'and ends with a summary: when --for is over, when every fleet is complete, or at Ctrl-C.',
    )
    .requiredOption('-f, --file <path...>', 'manifests: files, folders, or - for standard input')
    .option('--brokers <list>', 'host:port,host:port of the Kafka to use, whatever the manifests say', parseBrokers)
    .option('--for <duration>', 'stop after this time, such as 60s or 5m', parseTime)
    .option('--summary <file>', 'write the summary as JSON to this file')
    .option('--min-replicas <n>', 'fewest detectors of each pipeline', parseCount)
    .option('--max-replicas <n>', 'most detectors of each pipeline', parseCount)
    .option('--log-dir <folder>', 'keep the log of every process in this folder')
    .option('--keep', 'leave the run folder (configuration, logs) behind', false)
    .addHelpText('after', '\nExamples:\n  tidewatch up -f config/samples/valid/hvac.yaml --for 60s --summary out/demo.json\n  tidewatch up -f pipeline.yaml --brokers localhost:9092\n')
    .action(async (options: UpFlags) => {
      // Loaded only now: checking a manifest needs no Kafka client.
      const { up } = await import('./commands/up.ts')
      finish(
        await up(
          {
            files: options.file,
            brokers: options.brokers,
            forMs: options.for,
            summaryFile: options.summary,
            minReplicas: options.minReplicas,
            maxReplicas: options.maxReplicas,
            logFolder: options.logDir,
            keep: options.keep,
          },
          host,
        ),
      )
    })

  program
    .command('replay')
    .summary('run a detector over recordings and hold it against their labels')
    .description(
      'Replays CSV recordings through a real Kafka and a detector, as fast as they go, and tells what was found. Each recording is one device. ' +
        'Columns are guessed from the header, labels are taken from --labels, from labels/combined_windows.json in a folder above the recording ' +
        '(as in the Numenta Anomaly Benchmark), or from a label column. A date without a zone is UTC.',
    )
    .argument('<file...>', 'recordings (CSV with a header)')
    .option('--brokers <list>', 'host:port,host:port of the Kafka to use (default: an embedded one)', parseBrokers)
    .option('--labels <file>', 'JSON of {"folder/file.csv": [[start, end], ...]}')
    .option('--window <size>', 'none, a size such as 60s, or size/slide such as 60s/10s', parseWindow, { kind: 'none' })
    .addOption(new Option('--model <name>', 'the detector').choices(['microClusters', 'robustZScore']).default('microClusters'))
    .addOption(new Option('--threshold <score>', 'a score above this is an anomaly (default: 1, the model\'s own limit)').argParser(parsePositive).conflicts('falseAlarmRate'))
    .addOption(new Option('--false-alarm-rate <share>', 'share of normal readings that may be flagged, such as 0.001').argParser(parsePositive))
    .option('--warm-up <n>', 'readings (or windows) to learn before the first is judged', parseCount)
    .option('--delimiter <character>', 'separator of the columns (default: guessed)')
    .option('--time-column <name>', 'column of the time (default: guessed)')
    .option('--value-columns <names>', 'columns of the values, with commas between them (default: every column of numbers)', (text: string) => text.split(','))
    .option('--label-column <name>', 'column of the label (default: guessed)')
    .option('--summary <file>', 'write the result as JSON to this file')
    .option('--log-dir <folder>', 'keep the log of every process in this folder')
    .option('--keep', 'leave the run folder (configuration, logs) behind', false)
    .addHelpText('after', '\nExamples:\n  tidewatch replay nab/data/realAWSCloudwatch/*.csv\n  tidewatch replay skab/valve1/0.csv --model robustZScore\n')
    .action(async (files: string[], options: ReplayFlags) => {
      const { replay } = await import('./commands/replay.ts')
      finish(
        await replay(
          {
            files,
            brokers: options.brokers,
            labelFile: options.labels,
            window: options.window,
            model: options.model,
            threshold: options.falseAlarmRate === undefined ? { score: options.threshold ?? 1 } : { falseAlarmRate: options.falseAlarmRate },
            warmUp: options.warmUp,
            columns: { delimiter: options.delimiter, time: options.timeColumn, values: options.valueColumns, label: options.labelColumn },
            summaryFile: options.summary,
            logFolder: options.logDir,
            keep: options.keep,
          },
          host,
        ),
      )
    })

  program
    .command('explain')
    .summary('prove an anomaly from its records')
    .description(
      'Finds a verdict by its id, processes the records that it was computed from once more, from the checkpoint before them, and tells whether the score comes out the same ' +
        'to the bit, with the window, its readings, features and threshold; or says why that cannot be told (retention, another configuration). ' +
        'Exits with 0 when it is reproduced, with 1 when it comes out otherwise, with 2 when it cannot be told.',
    )
    .requiredOption('--anomaly <id>', 'the id of the verdict, as it lies on the topic of anomalies (or of scores)')
    .requiredOption('-f, --file <path...>', 'the manifest of the pipeline: files, folders, or - for standard input')
    .option('--pipeline <name>', 'which pipeline, where the manifests hold several')
    .option('--brokers <list>', 'host:port,host:port of its Kafka, whatever the manifest says', parseBrokers)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExamples:\n  tidewatch explain --anomaly 3f2a... -f pipeline.yaml\n  kubectl get detectionpipeline hvac -o yaml | tidewatch explain --anomaly 3f2a... -f - --brokers localhost:9092\n')
    .exitOverride((error) => {
      // 1 would say that the verdict is not reproduced.
      process.exit(error.exitCode === 0 ? 0 : 2)
    })
    .action(async (options: { anomaly: string; file: string[]; pipeline?: string; brokers?: string; json: boolean }) => {
      const { explain } = await import('./commands/explain.ts')
      finish(await explain({ id: options.anomaly, files: options.file, pipeline: options.pipeline, brokers: options.brokers, json: options.json }, host))
    })

  program
    .command('validate')
    .summary('check manifests')
    .description('Checks manifests and prints every problem as FILE:LINE:COLUMN: error: FIELD: what to write instead. Exits with 1 when there is one.')
    .requiredOption('-f, --file <path...>', 'manifests: files, folders, or - for standard input')
    .addHelpText('after', '\nExamples:\n  tidewatch validate -f config/samples/valid\n  cat pipeline.yaml fleet.yaml | tidewatch validate -f -\n')
    .action(async (options: { file: string[] }) => {
      const { validate } = await import('./commands/validate.ts')
      finish(validate(options.file, host.terminal))
    })

  program
    .command('crds')
    .summary('print the CustomResourceDefinitions')
    .description('Prints the CustomResourceDefinitions of both kinds as YAML, for a cluster where they are not installed by the chart.')
    .addHelpText('after', '\nExample:\n  tidewatch crds | kubectl apply --server-side -f -\n')
    .action(async () => {
      const { crds } = await import('./commands/crds.ts')
      finish(crds(host.terminal))
    })

  return program
}

interface ReplayFlags {
  brokers?: string
  labels?: string
  window: WindowChoice
  model: 'microClusters' | 'robustZScore'
  threshold?: number
  falseAlarmRate?: number
  warmUp?: number
  delimiter?: string
  timeColumn?: string
  valueColumns?: string[]
  labelColumn?: string
  summary?: string
  logDir?: string
  keep: boolean
}

interface UpFlags {
  file: string[]
  brokers?: string
  for?: number
  summary?: string
  minReplicas?: number
  maxReplicas?: number
  logDir?: string
  keep: boolean
}

const environmentHelp = `
Environment:
  TIDEWATCH_CACHE_DIR  where downloads are kept (default: ~/.cache/tidewatch)
  TIDEWATCH_LOG_LEVEL  how much the processes log: trace, debug, info, warn, error or fatal (default: info)
`

export function parseTime(text: string): number {
  const ms = attempt(() => parseDuration(text))
  if (ms === undefined || ms <= 0 || ms > longestMs) throw new InvalidArgumentError('Write a number with a unit, such as 60s, 5m or 1h30m.')
  return ms
}

/** Timers hold no more than 31 bits of milliseconds. */
const longestMs = 2 ** 31 - 1

export function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('Write a whole number from 1.')
  return count
}

export function parseWindow(text: string): WindowChoice {
  if (text === 'none') return { kind: 'none' }
  const [size = '', slide] = text.split('/')
  const isDuration = (part: string) => (attempt(() => parseDuration(part)) ?? 0) > 0
  if (!isDuration(size) || (slide !== undefined && !isDuration(slide))) throw new InvalidArgumentError('Write none, a size such as 60s, or size/slide such as 60s/10s.')
  return slide === undefined ? { kind: 'tumbling', size } : { kind: 'sliding', size, slide }
}

function parsePositive(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Write a number above 0.')
  return value
}

function parseBrokers(text: string): string {
  if (!/^[^\s,:]+:\d{1,5}(,\s*[^\s,:]+:\d{1,5})*$/.test(text)) throw new InvalidArgumentError('Write host:port, with commas between several, such as localhost:9092.')
  return text
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
