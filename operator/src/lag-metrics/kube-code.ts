import { codeOf, type ErrorKind } from '@tidewatch/kit'

/** True where the error is of this kind, whichever copy of the class threw it. */
export const isKubeError = (error: unknown, kind: ErrorKind): boolean => codeOf(error) === kind.code
