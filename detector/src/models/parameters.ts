/** Parameters as a manifest gives them: what is absent or undefined has the model's own default. */
export type Given<P> = { readonly [K in keyof P]?: P[K] | undefined }

/** The parameters with the defaults for what was not given. */
export function withDefaults<P extends object>(defaults: P, given: Given<P>): P {
  const parameters = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof P)[]) {
    const value = given[name]
    if (value !== undefined) parameters[name] = value
  }
  return parameters
}

/** @throws RangeError naming the first parameter outside its range, both ends included. */
export function checkRanges<P>(model: string, parameters: P, ranges: { readonly [K in keyof P]: readonly [number, number] }): void {
  for (const name of Object.keys(ranges) as (keyof P & string)[]) {
    const value = parameters[name]
    const [least, most] = ranges[name]
    if (!(typeof value === 'number' && value >= least && value <= most)) {
      throw new RangeError(`${model}: ${name} is ${String(value)}, not in ${least} to ${most}`)
    }
  }
}
