import type { Scenario } from '../scenario.ts'
import { broker } from './broker.ts'
import { kills } from './kills.ts'
import { network } from './network.ts'
import { rescaling } from './rescaling.ts'

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [kills, broker, network, rescaling]
