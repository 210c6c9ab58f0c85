import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Runs files in the order of their names. vitest's own order depends on earlier runs; of the stories the last one holds
 * what the operator may do against what it did in all the others.
 */
export class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
  }
}
