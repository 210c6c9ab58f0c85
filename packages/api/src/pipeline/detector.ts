import * as z from 'zod'
import { duration } from '../duration.ts'
import { exactlyOneOf, withRules, type Rule } from '../rules.ts'
import { silence } from './silence.ts'
import { text } from '../text.ts'

/** The models by name, as they are written in a manifest. */
export const modelNames = [
  'microClusters', 'randomCutForest', 'halfSpaceTrees', 'robustZScore', 'seasonal', 'subspace', 'discord', 'autoencoder', 'ensemble',
] as const
export type ModelName = (typeof modelNames)[number]

const microClusters = z
  .strictObject({
    varianceLimit: z.number().gt(0).max(100).optional().describe('r0: the variance per standardised feature under which two vectors may start a cluster. Default: the model\'s own.'),
    decay: z.int().min(1).max(1_000_000).optional().describe('Vectors after which an unused, inactive cluster is dropped. Default: the model\'s own.'),
    maxClusters: z.int().min(2).max(256).optional().describe('Bound on the clusters kept; beyond it the closest are merged. Default: the model\'s own.'),
    memory: z.int().min(10).max(1_000_000).optional().describe('Weight that a cluster\'s past may have, in vectors: smaller follows change faster. Default: the model\'s own.'),
  })
  .describe('Evolving clustering by typicality (MicroTEDAclus).')

const robustZScore = z
  .strictObject({
    window: z.int().min(8).max(10_000).optional().describe('Vectors whose median and MAD are the norm. Default: the model\'s own.'),
    limit: z.number().gt(0).max(1_000).optional().describe('Robust z-score that counts as 1. Default: the model\'s own.'),
  })
  .describe('Median and median absolute deviation, feature by feature.')

const randomCutForest = z
  .strictObject({
    trees: z.int().min(1).max(1_000).default(50).describe('Number of trees. Default: 50.'),
    sampleSize: z.int().min(2).max(4_096).default(256).describe('Vectors kept by each tree. Default: 256.'),
    shingleSize: z.int().min(1).max(128).default(1).describe('Consecutive vectors that make one point. Default: 1.'),
    timeDecay: z.number().min(0).max(1).optional().describe('Rate of forgetting. Default: 1 / (10 * sampleSize).'),
  })
  .describe('Robust random cut forest.')

const halfSpaceTrees = z
  .strictObject({
    trees: z.int().min(1).max(1_000).default(25).describe('Number of trees. Default: 25.'),
    height: z.int().min(1).max(15).default(6).describe('Height of each tree. Default: 6.'),
    windowSize: z.int().min(10).max(100_000).default(250).describe('Vectors in a reference window. Default: 250.'),
  })
  .describe('Half-space trees.')

const seasonal = z
  .strictObject({
    period: z.int().min(2).max(100_000).optional().describe('Vectors in a season. Default: found by autocorrelation.'),
  })
  .describe('Additive Holt-Winters forecast.')

const subspace = z
  .strictObject({
    components: z.int().min(1).max(64).optional().describe('Principal components kept. Default: those that explain 95 % of the variance.'),
    window: z.int().min(10).max(10_000).default(500).describe('Vectors that the components are computed from. Default: 500.'),
  })
  .describe('Windowed principal components with the T2 and Q statistics.')

const discord = z
  .strictObject({
    history: z.int().min(128).max(10_000).optional().describe('Vectors of the past that are searched. Default: the model\'s own.'),
    limit: z.number().gt(0).max(1_000).optional().describe('Rarity that counts as 1, in powers of ten over three lengths together. Default: the model\'s own.'),
    quiet: z.int().min(0).max(100_000).optional().describe('Vectors in which an event that was told fades; until then only a rarer one is told. 0: every vector by itself. Default: the model\'s own.'),
  })
  .describe('Distance of the last vectors from everything in their past (discords).')

const autoencoder = z
  .strictObject({
    model: text(1, 1_024).describe('Path or URL of the ONNX model; its calibration file lies beside it.'),
    sequence: z.int().min(2).max(1_000).default(50).describe('Windows in one input sequence. Default: 50.'),
  })
  .describe('Reconstruction error of an ONNX autoencoder.')

const singleModels = {
  microClusters: microClusters.optional(),
  randomCutForest: randomCutForest.optional(),
  halfSpaceTrees: halfSpaceTrees.optional(),
  robustZScore: robustZScore.optional(),
  seasonal: seasonal.optional(),
  subspace: subspace.optional(),
  discord: discord.optional(),
  autoencoder: autoencoder.optional(),
}

const singleModel = withRules(
  z.strictObject(singleModels),
  exactlyOneOf('microClusters', 'randomCutForest', 'halfSpaceTrees', 'robustZScore', 'seasonal', 'subspace', 'discord', 'autoencoder'),
)

const ensemble = z
  .strictObject({
    members: z.array(singleModel).min(2).max(8).describe('The models that judge together.'),
    mode: z.enum(['Mean', 'Consensus']).default('Mean').describe('Mean of the tail probabilities, or Consensus: all must agree. Default: Mean.'),
  })
  .describe('Several models, combined by their calibrated tail probabilities.')

const threshold = withRules(
  z.strictObject({
    score: z.number().gt(0).max(1e6).optional().describe('A vector that scores above this is anomalous; 1 is the model\'s own boundary.'),
    quantile: z.number().gt(0.5).lt(1).optional().describe('Scores above this quantile of the past ones are anomalous.'),
    falseAlarmRate: z.number().gt(0).max(0.1).optional().describe('Share of normal windows that may be flagged; the threshold follows the tail of the scores (SPOT).'),
  }),
  exactlyOneOf('score', 'quantile', 'falseAlarmRate'),
)

/** Models that say what they would have expected; the others know only how rare a vector is. */
const modelsThatExpect = ['microClusters', 'randomCutForest', 'robustZScore', 'seasonal', 'subspace', 'autoencoder'] as const satisfies readonly ModelName[]

/** What both rules about deviations ask first. */
export const celAsksForDeviation = (detector: string): string => `${detector}.direction != 'Both' || ${detector}.minDeviation > 0.0`

/** Whether a detector asks how far, or to which side, a window lies from what was expected. */
export const asksForDeviation = ({ direction, minDeviation }: { direction?: string; minDeviation?: number }): boolean => (direction ?? 'Both') !== 'Both' || (minDeviation ?? 0) > 0

type Models = { [Name in (typeof modelsThatExpect)[number]]?: unknown }

const celExpects = (model: string): string => modelsThatExpect.map((name) => `has(${model}.${name})`).join(' || ')
const expects = (models: Models): boolean => modelsThatExpect.some((name) => models[name] !== undefined)

/** An ensemble expects what the first of its members does that expects anything. */
const deviationNeedsExpectation: Rule<Models & { ensemble?: { members: readonly Models[] } | undefined; direction?: string; minDeviation?: number }> = {
  cel: `!(${celAsksForDeviation('self')}) || ${celExpects('self')} || (has(self.ensemble) && self.ensemble.members.exists(member, ${celExpects('member')}))`,
  message: `direction and minDeviation compare with what the model expects, and this model expects nothing: leave both out, or write one of ${modelsThatExpect.join(', ')}`,
  holds: (detector) => !asksForDeviation(detector) || expects(detector) || (detector.ensemble?.members.some(expects) ?? false),
}

const drift = z
  .strictObject({
    delta: z.number().min(1e-12).max(0.5).default(0.002).describe('How sure a drift must be; less is surer, and later. Default: 0.002.'),
  })
  .optional()
  .describe(
    'Begin a new model where scores have changed for good (ADWIN): it learns beside the old one for warmUp windows, and takes its place where it scores the next 30 clearly lower. Write "drift: {}". A fault that lasts so long becomes normal with it. Default: models follow a change by themselves, slowly.',
  )

export const detector = withRules(
  z.strictObject({
    ...singleModels,
    ensemble: ensemble.optional(),
    scope: z.enum(['Device', 'DeviceType', 'All']).default('Device').describe('One model per group key (Device), or one per device type or for all, in each input partition. Default: Device.'),
    warmUp: z.int().min(1).max(100_000).default(30).describe('Vectors that a model learns before it judges. Default: 30.'),
    warmStart: z
      .enum(['Cohort', 'None'])
      .default('Cohort')
      .describe(
        'Cohort: the model of a new device takes most of its warmUp from devices of its type, where its first vectors are like theirs. None: each warms up alone. Default: Cohort.',
      ),
    threshold: threshold.prefault({ score: 1 }).describe('When a score is an anomaly. Default: score 1.'),
    direction: z.enum(['Both', 'Above', 'Below']).default('Both').describe('Whether only values above or below the expected one count. Default: Both.'),
    minDeviation: z.number().min(0).max(1e12).default(0).describe('Smallest distance from the expected value that counts, in the metric\'s unit. Default: 0.'),
    consecutive: z.int().min(1).max(1_000).default(1).describe('Windows in a row that must be anomalous before one is told (the last of them is), and normal before it is over. Default: 1.'),
    suppressFor: duration().default('0s').describe('After an anomaly of a group key no other one is written for so long, in event time. Default: 0s.'),
    silence,
    drift,
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('Seed of everything random in the model. Default: 1.'),
  }),
  exactlyOneOf(...modelNames),
  deviationNeedsExpectation,
).describe('The detector: exactly one model and how its scores are judged.')

export type DetectorSpec = z.infer<typeof detector>
