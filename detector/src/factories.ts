import type { DetectorConfig, SingleModelConfig } from '@tidewatch/api'
import { openNetwork } from './inference/open-network.ts'
import { autoencoder } from './models/autoencoder.ts'
import { ensemble } from './models/ensemble.ts'
import type { ModelFactory } from './models/model.ts'
import { modelFactories, singleModelFactories } from './models/registry.ts'
import { thresholdFactories } from './threshold/registry.ts'
import type { ThresholdFactory } from './threshold/threshold.ts'

/**
 * The makers of the model and threshold that a configuration names.
 *
 * @throws RangeError for a parameter out of its range; NetworkUnusable for an autoencoder that cannot be loaded.
 */
export function createFactories({ model, threshold }: Pick<DetectorConfig, 'model' | 'threshold'>): { models: ModelFactory; thresholds: ThresholdFactory } {
  return {
    models: createModels(model),
    thresholds: createThresholds(threshold),
  }
}

function createModels(model: DetectorConfig['model']): ModelFactory {
  if (model.kind !== 'ensemble') return createSingle(model)
  const { members, mode } = model.parameters
  return members === undefined ? modelFactories.ensemble({ mode }) : ensemble(members.map(createSingle), mode)
}

function createSingle({ kind, parameters }: SingleModelConfig): ModelFactory {
  if (kind === 'autoencoder') return autoencoder(openNetwork(parameters.model, parameters.sequence))
  // The schema has checked that the parameters are those of the kind; the types of the two no longer meet here.
  const make = singleModelFactories[kind] as (parameters: Record<string, number>) => ModelFactory
  return make(parameters)
}

function createThresholds(threshold: DetectorConfig['threshold']): ThresholdFactory {
  if ('score' in threshold) return thresholdFactories.score(threshold.score)
  if ('quantile' in threshold) return thresholdFactories.quantile(threshold.quantile)
  return thresholdFactories.falseAlarmRate(threshold.falseAlarmRate)
}
