import type { KubeObject } from '../object.ts'

/** One requirement: `a in (b,c)`, `a notin (b)`, `a=b`, `a==b`, `a!=b`, `a`, `!a`. */
const requirement = /\s*(?:(?<set>[^\s,=!()]+)\s+(?<operator>in|notin)\s*\((?<values>[^)]*)\)|(?<key>[^\s,=!()]+)\s*(?<sign>!=|==?)\s*(?<value>[^\s,]*)|(?<not>!)?\s*(?<name>[^\s,=!()]+))\s*(?:,|$)/gy

/** Label selectors as the API server reads them. @throws Error where the text is none */
export function matchesLabels(object: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined || selector === '') return true
  const labels = object.metadata.labels ?? {}
  const found = [...selector.matchAll(requirement)]
  if (found.reduce((length, [text]) => length + text.length, 0) !== selector.length) throw new Error(`no label selector: ${selector}`)
  return found.every(({ groups = {} }) => {
    const { set, operator, values = '', key, sign, value, not, name = '' } = groups
    if (set !== undefined) return values.split(',').map((one) => one.trim()).includes(labels[set] ?? '\u0000') === (operator === 'in')
    // What has no such label at all is unequal too.
    if (key !== undefined) return (labels[key] === value) === (sign !== '!=')
    return name in labels === (not === undefined)
  })
}

/** Field selectors: `metadata.name=a,metadata.namespace=b`, which every kind has. @throws Error for any other field */
export function matchesFields(object: KubeObject, selector: string | undefined): boolean {
  return (selector ?? '').split(',').filter((part) => part !== '').every((part) => {
    const [field, value] = part.split(/==?/)
    if (field === 'metadata.name') return object.metadata.name === value
    if (field === 'metadata.namespace') return object.metadata.namespace === value
    throw new Error(`FakeKube knows no field selector ${field}`)
  })
}
