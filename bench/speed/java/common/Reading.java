/** A reading of system C as its JSON tells it. Public fields and an empty constructor: what Flink's serializer of plain objects asks for. */
public final class Reading {
    public String device;
    public String metric;
    public long eventTimeMs;
    public double value;
}
