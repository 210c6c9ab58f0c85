export { anObject } from './an-object.ts'
export { FakeKube, type FakeWrite } from './fake-kube.ts'
export { answerHalfALine, answerStatus, FaultyServer, neverAnswer, type Fault, type OpenWatch } from './faulty-server.ts'
