import type { FaultKind } from '@tidewatch/api'
import { clockSkew } from './clock-skew.ts'
import { drift } from './drift.ts'
import { dropout } from './dropout.ts'
import { duplicate } from './duplicate.ts'
import type { FaultBehaviour } from './fault.ts'
import { flood } from './flood.ts'
import { noise } from './noise.ts'
import { outOfOrder } from './out-of-order.ts'
import { spike } from './spike.ts'
import { stuck } from './stuck.ts'

/** Every kind of fault. A new one is a file and a line here (and its name in @tidewatch/api). */
export const faultBehaviours: Record<FaultKind, FaultBehaviour> = { spike, drift, stuck, noise, dropout, clockSkew, duplicate, outOfOrder, flood }
