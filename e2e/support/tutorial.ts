/** A command as a person types it, and what it answered. */
export interface Step {
  /** Markdown before the command; empty where it goes on from the one before. */
  text: string
  command: string
  /** Empty where nothing is shown. */
  output: string
}

/** docs/tutorials/kubernetes.md. */
export function buildTutorial(steps: readonly Step[]): string {
  const blocks = steps.map(({ text, command, output }) => `${text === '' ? '' : `${text}\n\n`}\`\`\`console\n$ ${command}\n${output === '' ? '' : `${output.trimEnd()}\n`}\`\`\`\n`)
  return ['# Tidewatch on Kubernetes', '', '<!-- Written by e2e/platform/the-tutorial-is-true.cluster.test.ts from what the commands answered. -->', '', 'From no cluster at all to anomalies, in a few minutes. What you need is in the README; and a Kafka that the pods can reach.', '', blocks.join('\n')].join('\n')
}

/** Events come in any order, and some of them only where something was slow. */
const describeAnswer = /(\$ kubectl describe .*\n)[^`]*/g

/**
 * What a tutorial says when figures do not count: numbers, ages, dates and random endings of names are replaced, and
 * columns may be wider or narrower. What `kubectl describe` answers is left out.
 */
export function withoutFigures(tutorial: string): string {
  return tutorial
    .replace(describeAnswer, '$1')
    .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]+ \d{4}/g, 'DATE')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
    .replace(/\b(\d+[dhms])+\b/g, '#')
    .replace(/\d+/g, '#')
    .replace(/ {2,}/g, ' ')
    .replace(/ +$/gm, '')
}
