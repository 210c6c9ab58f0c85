import type { Judge } from './verdict/judge.ts'
import type { GroupMemory } from './verdict/group-memory.ts'
import type { GroupTable } from './window/group-table.ts'

/** Groups by whether their model judges already. */
export interface GroupCounts {
  warming: number
  active: number
  /** The most windows (vectors) that one of those that warm up still has to bring. */
  windowsLeft: number
}

/** Walks over all groups. */
export function countGroups(groups: GroupTable<GroupMemory>, judge: Judge): GroupCounts {
  let [active, windowsLeft] = [0, 0]
  for (const group of groups.all()) {
    const left = judge.windowsLeft(group)
    if (left === 0) active++
    else if (left > windowsLeft) windowsLeft = left
  }
  return { warming: groups.size - active, active, windowsLeft }
}
