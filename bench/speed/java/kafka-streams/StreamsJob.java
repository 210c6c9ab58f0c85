import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

/** The windows of system C with Kafka Streams' own windowed aggregation, each written once, when it is closed. */
public final class StreamsJob {
    private StreamsJob() {}

    public static void main(String[] arguments) {
        Job job = Job.parse(arguments);
        StreamsBuilder builder = new StreamsBuilder();
        addTopology(builder, job);
        Properties settings = settingsOf(job);
        KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
    }

    private static void addTopology(StreamsBuilder builder, Job job) {
        Duration size = Duration.ofMillis(job.sizeMs());
        KStream<String, Reading> readings = builder.stream(
            job.topic(),
            Consumed.with(Serdes.String(), new ReadingSerde()).withTimestampExtractor((record, partitionTime) -> ((Reading) record.value()).eventTimeMs)
        );
        readings
            .groupByKey(Grouped.with(Serdes.String(), new ReadingSerde()))
            .windowedBy(TimeWindows.ofSizeAndGrace(size, Duration.ofMillis(job.latenessMs())).advanceBy(Duration.ofMillis(job.slideMs())))
            .aggregate(
                WindowStats::new,
                (device, reading, stats) -> stats.add(reading),
                Materialized.<String, WindowStats>as(Stores.inMemoryWindowStore(WindowCloser.WINDOWS, size.multipliedBy(2), size, false))
                    .withKeySerde(Serdes.String())
                    .withValueSerde(new WindowStatsSerde())
                    .withCachingEnabled()
            );
        builder.addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(WindowCloser.CLOSED), Serdes.String(), Serdes.Long()));
        // After the aggregation, so that a record is in its windows before the time that it brings closes any.
        readings.process(() -> new WindowCloser(job), WindowCloser.WINDOWS, WindowCloser.CLOSED).to(job.output(), Produced.with(Serdes.String(), Serdes.ByteArray()));
    }

    private static Properties settingsOf(Job job) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.group());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.brokers());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, job.folder());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, job.workers());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, job.isExactlyOnce() ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, job.commitIntervalMs());
        settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        // Updates of a window between two commits become one record of the changelog. Open windows take a quarter of it; whoever closes them looks through all of it.
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L << 20);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 1 << 20);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 << 10);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
        return settings;
    }
}
