import { checkModel } from '../testing/check-model.ts'
import { robustZScore } from './robust-z-score.ts'

checkModel('robustZScore', robustZScore())
checkModel('robustZScore over a short ring', robustZScore({ warmUp: 20, window: 20 }), 20_000)
