import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Reads readings. The topology writes none: its key is the topic's own, so nothing is repartitioned. */
final class ReadingSerde implements Serde<Reading> {
    @Override
    public Serializer<Reading> serializer() {
        return (topic, reading) -> {
            throw new UnsupportedOperationException("readings are only read");
        };
    }

    @Override
    public Deserializer<Reading> deserializer() {
        return (topic, bytes) -> ReadingParser.parse(bytes);
    }
}
