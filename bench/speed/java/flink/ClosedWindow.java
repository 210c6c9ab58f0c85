import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Makes the record of a window that the watermark has closed. */
final class ClosedWindow extends ProcessWindowFunction<WindowStats, Output, String, TimeWindow> {
    private final long firstWindowMs;

    ClosedWindow(long firstWindowMs) {
        this.firstWindowMs = firstWindowMs;
    }

    @Override
    public void process(String device, Context context, Iterable<WindowStats> stats, Collector<Output> out) {
        TimeWindow window = context.window();
        if (window.getStart() < firstWindowMs) return;
        Output output = new Output();
        output.device = device;
        output.json = stats.iterator().next().toJson(device, window.getStart(), window.getEnd());
        out.collect(output);
    }
}
