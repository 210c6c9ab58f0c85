import { Counter, Gauge, Histogram, type Registry } from '@tidewatch/kit'

/** How a reconcile ended, as controller-runtime says it. */
export type ReconcileOutcome = 'success' | 'error' | 'requeue_after'

export interface ControllerMetrics {
  reconciles: Counter<'controller' | 'result'>
  errors: Counter<'controller'>
  reconcileSeconds: Histogram<'controller'>
  activeWorkers: Gauge<'controller'>
  depth: Gauge<'name'>
  adds: Counter<'name'>
  queueSeconds: Histogram<'name'>
  workSeconds: Histogram<'name'>
  retries: Counter<'name'>
}

const metricsByRegistry = new WeakMap<Registry, ControllerMetrics>()

/** controller-runtime's metrics by their own names, so that its dashboards work; one set for all controllers of a registry. */
export function controllerMetrics(registry: Registry): ControllerMetrics {
  const known = metricsByRegistry.get(registry)
  if (known !== undefined) return known
  const registers = [registry]
  const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  // client-go's workqueue uses powers of ten from 10 ns; below a millisecond Node's clock says nothing.
  const queueBuckets = [0.001, 0.01, 0.1, 1, 10, 100, 1000]
  const metrics: ControllerMetrics = {
    reconciles: new Counter({ name: 'controller_runtime_reconcile_total', help: 'Reconciles by how they ended.', labelNames: ['controller', 'result'], registers }),
    errors: new Counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Reconciles that threw.', labelNames: ['controller'], registers }),
    reconcileSeconds: new Histogram({ name: 'controller_runtime_reconcile_time_seconds', help: 'How long a reconcile took.', labelNames: ['controller'], buckets: reconcileBuckets, registers }),
    activeWorkers: new Gauge({ name: 'controller_runtime_active_workers', help: 'Reconciles that run now.', labelNames: ['controller'], registers }),
    depth: new Gauge({ name: 'workqueue_depth', help: 'Keys that wait.', labelNames: ['name'], registers }),
    adds: new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', labelNames: ['name'], registers }),
    queueSeconds: new Histogram({ name: 'workqueue_queue_duration_seconds', help: 'How long a key waited.', labelNames: ['name'], buckets: queueBuckets, registers }),
    workSeconds: new Histogram({ name: 'workqueue_work_duration_seconds', help: 'How long a key was worked on.', labelNames: ['name'], buckets: queueBuckets, registers }),
    retries: new Counter({ name: 'workqueue_retries_total', help: 'Keys added again after a failure.', labelNames: ['name'], registers }),
  }
  metricsByRegistry.set(registry, metrics)
  return metrics
}
