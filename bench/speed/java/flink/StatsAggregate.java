import org.apache.flink.api.common.functions.AggregateFunction;

/** The state of a window. Sliding windows are never merged: each has its own. */
final class StatsAggregate implements AggregateFunction<Reading, WindowStats, WindowStats> {
    @Override
    public WindowStats createAccumulator() {
        return new WindowStats();
    }

    @Override
    public WindowStats add(Reading reading, WindowStats stats) {
        return stats.add(reading);
    }

    @Override
    public WindowStats getResult(WindowStats stats) {
        return stats;
    }

    @Override
    public WindowStats merge(WindowStats a, WindowStats b) {
        throw new UnsupportedOperationException("sliding windows are not merged");
    }
}
