import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Writes the windows that stream time has closed, straight from the store of the aggregation.
 *
 * `suppress` would keep each update a second time, with a changelog of its own, and would see updates only when the cache is flushed; `emitStrategy(onWindowClose)`
 * switches the cache off. This is faster than either.
 */
final class WindowCloser implements Processor<String, Reading, String, byte[]> {
    static final String WINDOWS = "windows";
    static final String CLOSED = "closed";
    private static final String END = "end";
    /** How often stream time is looked at; a look that closes nothing costs nothing. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Job job;
    private ProcessorContext<String, byte[]> context;
    private WindowStore<String, ValueAndTimestamp<WindowStats>> windows;
    private KeyValueStore<String, Long> closed;

    WindowCloser(Job job) {
        this.job = job;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        this.context = context;
        windows = context.getStateStore(WINDOWS);
        closed = context.getStateStore(CLOSED);
        context.schedule(LOOK, PunctuationType.STREAM_TIME, this::close);
    }

    @Override
    public void process(Record<String, Reading> record) {
        // The aggregation has taken it in; here only its time counts.
    }

    private void close(long streamTimeMs) {
        Long last = closed.get(END);
        long reachedMs = Math.floorDiv(streamTimeMs - job.latenessMs(), job.slideMs()) * job.slideMs();
        long endMs = last == null ? Math.min(reachedMs, job.firstWindowMs() + job.sizeMs()) : last + job.slideMs();
        if (endMs > reachedMs) return;
        for (; endMs <= reachedMs; endMs += job.slideMs()) write(endMs - job.sizeMs(), endMs);
        closed.put(END, reachedMs);
    }

    private void write(long startMs, long endMs) {
        if (startMs < job.firstWindowMs()) return;
        Instant start = Instant.ofEpochMilli(startMs);
        try (KeyValueIterator<Windowed<String>, ValueAndTimestamp<WindowStats>> all = windows.fetchAll(start, start)) {
            while (all.hasNext()) {
                var entry = all.next();
                String device = entry.key.key();
                context.forward(new Record<>(device, entry.value.value().toJson(device, startMs, endMs), endMs));
            }
        }
    }
}
