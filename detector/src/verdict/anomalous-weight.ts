/**
 * The weight with which a vector that scores above the threshold is learned, whether it is told or not: rules decide what people
 * hear, not what models take for normal. Not 0: after a lasting change of the device's ways the model must get there in the
 * end; and not 1: a fault must not become normal while it lasts.
 */
export const anomalousWeight = 0.1
