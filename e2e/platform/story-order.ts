import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node'
import { markDone } from '../support/turn-marks.ts'

const projectName = 'cluster'
const aloneFolder = '/alone/'

/**
 * The order of the stories on a cluster: those that run beside each other, in vitest's own order (the longest of the last run
 * first); then one by one, by name, those in `alone/`, which need the operator for themselves: the last of them holds what the
 * operator may do against what it did in all the others. vitest starts files in this order, a few at a time; each in `alone/`
 * waits for its turn by what is provided here (see support/turns.ts). Other projects keep vitest's own order.
 */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { alone = [], others = [] } = Object.groupBy(files, (file) => (file.project.name === projectName && isAlone(file) ? 'alone' : 'others'))
    const sorted = [...(await super.sort(others)), ...alone.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1))]
    const stories = sorted.filter(({ project }) => project.name === projectName)
    stories[0]?.project.provide('turns', stories.map((file) => ({ file: file.moduleId, alone: isAlone(file) })))
    // Another reporter in the configuration would be dropped by --reporter; this list has no type.
    const { reporters } = this.ctx as unknown as { reporters: Reporter[] }
    const folder = stories[0]?.project.getProvidedContext().turnsFolder
    // From here, because hooks of a file do not run after one that fails, and none at all in a file that cannot be loaded.
    if (folder !== undefined) reporters.push({ onTestModuleEnd: ({ moduleId }) => markDone(folder, moduleId) })
    return sorted
  }
}

const isAlone = ({ moduleId }: TestSpecification): boolean => moduleId.includes(aloneFolder)
