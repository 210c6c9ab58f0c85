import java.nio.charset.StandardCharsets;

/**
 * The readings of one device and metric in one window, by Welford's recurrence: what mean, stddev, min, max, count and range need.
 *
 * A device of the benchmark has one metric, so a window holds one; a second one is refused, not mixed in.
 */
public final class WindowStats {
    public String metric;
    public long count;
    public double mean;
    public double m2;
    public double min = Double.POSITIVE_INFINITY;
    public double max = Double.NEGATIVE_INFINITY;

    public WindowStats add(Reading reading) {
        if (metric == null) metric = reading.metric;
        else if (!metric.equals(reading.metric)) throw new IllegalArgumentException(reading.device + " has a second metric: " + reading.metric);
        double value = reading.value;
        count++;
        double delta = value - mean;
        mean += delta / count;
        m2 += delta * (value - mean);
        if (value < min) min = value;
        if (value > max) max = value;
        return this;
    }

    /** The record of a closed window; stddev is the sample's (n - 1), as Tidewatch's. */
    public byte[] toJson(String device, long startMs, long endMs) {
        double stddev = count > 1 ? Math.sqrt(m2 / (count - 1)) : 0;
        return new StringBuilder(256)
            .append("{\"sensor_id\":\"").append(device)
            .append("\",\"metric\":\"").append(metric)
            .append("\",\"window_start\":").append(startMs)
            .append(",\"window_end\":").append(endMs)
            .append(",\"features\":{\"mean\":").append(mean)
            .append(",\"stddev\":").append(stddev)
            .append(",\"min\":").append(min)
            .append(",\"max\":").append(max)
            .append(",\"count\":").append(count)
            .append(",\"range\":").append(max - min)
            .append("}}")
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    }
}
