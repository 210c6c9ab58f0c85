import { readFileSync } from 'node:fs'
import { apiVersion, availableModels, detectionPipeline, resolvePipeline, type AvailableModel, type DetectionPipelineInput, type DetectorConfig } from '@tidewatch/api'
import { createFactories } from '@tidewatch/detector'
import type { Contender } from './contender.ts'
import { judgeSeries } from './judge-series.ts'

/** The part of a manifest that names a model, where `{}` is not enough. */
const written: { readonly [Name in string]?: object | undefined } = {
  ensemble: { members: [{ microClusters: {} }, { robustZScore: {} }, { randomCutForest: {} }] },
  // It is a file that somebody trained for vectors of one shape: there is none that fits every corpus.
  autoencoder: undefined,
}

/** The models that can judge any vector: every available one but the autoencoder. */
export const comparedModels: readonly AvailableModel[] = availableModels.filter((name) => !(name in written) || written[name] !== undefined)

/** Those that take a third of a millisecond or more a window: simulated benchmarks give them less to judge. */
export const slowModels: readonly string[] = ['randomCutForest', 'discord', 'ensemble'] satisfies AvailableModel[]

/** One configuration for all corpora: what a manifest that names the model and nothing else is resolved to. */
export function resolveModel(name: AvailableModel): DetectorConfig {
  const input: DetectionPipelineInput = {
    apiVersion,
    kind: 'DetectionPipeline',
    metadata: { name: 'accuracy' },
    spec: {
      kafka: { clusterRef: { name: 'any' } },
      source: { topic: { name: 'accuracy', partitions: 1 }, preset: 'SensorReading' },
      window: { none: {} },
      detector: { [name]: written[name] ?? {} },
    },
  }
  return resolvePipeline(detectionPipeline.parse(input))
}

/** A model of ours with its defaults, fed row by row as a pipeline without a window feeds it. */
export function modelContender(name: AvailableModel): Contender {
  const config = resolveModel(name)
  const { models, thresholds } = createFactories(config)
  return {
    name,
    version: readVersion(),
    kind: 'model',
    score: async (series) => {
      const features = series.columns.map((column) => ({ name: column, scale: 'linear' as const }))
      return judgeSeries(series, models.create(features, config.seed), thresholds.create(), config.warmUp)
    },
  }
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../detector/package.json', import.meta.url), 'utf8')) as { version: string }).version
}
