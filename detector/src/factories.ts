import type { DetectorConfig } from '@tidewatch/api'
import type { ModelFactory } from './models/model.ts'
import { modelFactories } from './models/registry.ts'
import { thresholdFactories } from './threshold/registry.ts'
import type { ThresholdFactory } from './threshold/threshold.ts'

/**
 * The makers of the model and threshold that a configuration names.
 *
 * @throws RangeError for a parameter out of its range.
 */
export function createFactories({ model, threshold }: Pick<DetectorConfig, 'model' | 'threshold'>): { models: ModelFactory; thresholds: ThresholdFactory } {
  // The schema has checked that the parameters are those of the kind; the types of the two no longer meet here.
  const createModels = modelFactories[model.kind] as (parameters: Record<string, number>) => ModelFactory
  return {
    models: createModels(model.parameters),
    thresholds: 'score' in threshold ? thresholdFactories.score(threshold.score) : thresholdFactories.falseAlarmRate(threshold.falseAlarmRate),
  }
}
