import java.util.HashMap;
import java.util.Map;

/** What the benchmark asks of a program, as `name=value` arguments. */
public record Job(
    String brokers,
    String topic,
    String output,
    String group,
    boolean isExactlyOnce,
    int workers,
    long commitIntervalMs,
    long sizeMs,
    long slideMs,
    long latenessMs,
    long firstWindowMs,
    String folder
) {
    public static Job parse(String[] arguments) {
        Map<String, String> given = new HashMap<>();
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            given.put(argument.substring(0, at), argument.substring(at + 1));
        }
        return new Job(
            given.get("brokers"),
            given.get("topic"),
            given.get("output"),
            given.get("group"),
            given.get("guarantee").equals("ExactlyOnce"),
            Integer.parseInt(given.get("workers")),
            Long.parseLong(given.get("commitIntervalMs")),
            Long.parseLong(given.get("sizeMs")),
            Long.parseLong(given.get("slideMs")),
            Long.parseLong(given.get("latenessMs")),
            Long.parseLong(given.get("firstWindowMs")),
            given.get("folder")
        );
    }
}
