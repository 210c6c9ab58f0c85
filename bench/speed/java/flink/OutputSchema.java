import java.nio.charset.StandardCharsets;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A window's record on the output topic, by its device. */
final class OutputSchema implements KafkaRecordSerializationSchema<Output> {
    private final String topic;

    OutputSchema(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Output output, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(topic, output.device.getBytes(StandardCharsets.UTF_8), output.json);
    }
}
