/** True for labels that are meant. */
export type LabelPredicate = (labels: Readonly<Record<string, string>>) => boolean

const key = '([A-Za-z0-9][-A-Za-z0-9_./]*)'
const value = '([-A-Za-z0-9_.]*)'
const equality = new RegExp(`^${key}\\s*(==|=|!=)\\s*${value}$`)
const membership = new RegExp(`^${key}\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const existence = new RegExp(`^(!?)\\s*${key}$`)

/** Parses what `?labelSelector=` holds, in all of Kubernetes' forms. Undefined where it is none. */
export function parseLabelSelector(text: string): LabelPredicate | undefined {
  const predicates: LabelPredicate[] = []
  // A comma in parentheses separates values, any other one separates requirements.
  for (const part of text.split(/,(?![^(]*\))/).map((one) => one.trim())) {
    if (part === '' && text.trim() === '') continue
    const predicate = parseRequirement(part)
    if (predicate === undefined) return undefined
    predicates.push(predicate)
  }
  return (labels) => predicates.every((holds) => holds(labels))
}

function parseRequirement(text: string): LabelPredicate | undefined {
  const equal = equality.exec(text)
  if (equal !== null) {
    const [, name = '', operator, wanted = ''] = equal
    return operator === '!=' ? (labels) => labels[name] !== wanted : (labels) => labels[name] === wanted
  }
  const member = membership.exec(text)
  if (member !== null) {
    const [, name = '', operator, list = ''] = member
    const values = new Set(list.split(',').map((one) => one.trim()))
    return (labels) => (labels[name] !== undefined && values.has(labels[name])) === (operator === 'in')
  }
  const exists = existence.exec(text)
  if (exists === null) return undefined
  const [, not, name = ''] = exists
  return (labels) => (labels[name] === undefined) === (not === '!')
}
