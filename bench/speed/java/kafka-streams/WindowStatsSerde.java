import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** 40 bytes and the metric's name: the store and its changelog hold bytes. */
final class WindowStatsSerde implements Serde<WindowStats> {
    private static final int FIXED_BYTES = 40;

    @Override
    public Serializer<WindowStats> serializer() {
        return (topic, stats) -> {
            byte[] metric = stats.metric == null ? new byte[0] : stats.metric.getBytes(StandardCharsets.ISO_8859_1);
            return ByteBuffer.allocate(FIXED_BYTES + metric.length)
                .putLong(stats.count).putDouble(stats.mean).putDouble(stats.m2).putDouble(stats.min).putDouble(stats.max).put(metric)
                .array();
        };
    }

    @Override
    public Deserializer<WindowStats> deserializer() {
        return (topic, bytes) -> {
            if (bytes == null) return null;
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            WindowStats stats = new WindowStats();
            stats.count = buffer.getLong();
            stats.mean = buffer.getDouble();
            stats.m2 = buffer.getDouble();
            stats.min = buffer.getDouble();
            stats.max = buffer.getDouble();
            stats.metric = new String(bytes, FIXED_BYTES, bytes.length - FIXED_BYTES, StandardCharsets.ISO_8859_1);
            return stats;
        };
    }
}
