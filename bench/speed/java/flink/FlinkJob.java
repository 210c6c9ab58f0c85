import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;

/** The windows of system C with Flink's own windowed aggregation, on a cluster inside of this process. */
public final class FlinkJob {
    /** Less than the broker's limit of 15 minutes. */
    private static final String TRANSACTION_TIMEOUT_MS = "600000";

    private FlinkJob() {}

    public static void main(String[] arguments) {
        Job job = Job.parse(arguments);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(job.workers(), settingsOf(job));
        environment
            .fromSource(sourceOf(job), WatermarkStrategy.<Reading>forBoundedOutOfOrderness(Duration.ofMillis(job.latenessMs())).withTimestampAssigner((reading, timestamp) -> reading.eventTimeMs), "readings")
            .keyBy(reading -> reading.device)
            .window(SlidingEventTimeWindows.of(Duration.ofMillis(job.sizeMs()), Duration.ofMillis(job.slideMs())))
            .aggregate(new StatsAggregate(), new ClosedWindow(job.firstWindowMs()))
            .sinkTo(sinkOf(job));
        try {
            environment.execute(job.group());
        } catch (Exception error) {
            // Threads of the cluster would keep the process alive.
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static Configuration settingsOf(Job job) {
        Configuration settings = new Configuration();
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, Path.of(job.folder()).toUri().toString());
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(job.commitIntervalMs()));
        settings.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, job.isExactlyOnce() ? CheckpointingMode.EXACTLY_ONCE : CheckpointingMode.AT_LEAST_ONCE);
        // Records are handed from operator to operator without being copied.
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        // A failure ends the run; it must not look like a slow one.
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        return settings;
    }

    private static KafkaSource<Reading> sourceOf(Job job) {
        return KafkaSource.<Reading>builder()
            .setBootstrapServers(job.brokers())
            .setTopics(job.topic())
            .setGroupId(job.group())
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new ReadingSchema())
            .setProperty("max.poll.records", "10000")
            .setProperty("max.partition.fetch.bytes", String.valueOf(4 << 20))
            .setProperty("receive.buffer.bytes", String.valueOf(1 << 20))
            .build();
    }

    private static KafkaSink<Output> sinkOf(Job job) {
        var sink = KafkaSink.<Output>builder()
            .setBootstrapServers(job.brokers())
            .setRecordSerializer(new OutputSchema(job.output()))
            .setDeliveryGuarantee(job.isExactlyOnce() ? DeliveryGuarantee.EXACTLY_ONCE : DeliveryGuarantee.AT_LEAST_ONCE)
            .setProperty("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
            .setProperty("linger.ms", "100")
            .setProperty("batch.size", String.valueOf(512 << 10));
        if (job.isExactlyOnce()) sink.setTransactionalIdPrefix(job.group());
        return sink.build();
    }
}
