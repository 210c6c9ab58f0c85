/** A closed window on its way to the topic. */
public final class Output {
    public String device;
    public byte[] json;
}
