import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;

/** Readings from the bytes of a record. */
final class ReadingSchema extends AbstractDeserializationSchema<Reading> {
    ReadingSchema() {
        super(Reading.class);
    }

    @Override
    public Reading deserialize(byte[] json) {
        return ReadingParser.parse(json);
    }
}
