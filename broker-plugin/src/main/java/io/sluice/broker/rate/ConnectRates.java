package io.sluice.broker.rate;

/**
 * How often clients may connect.
 *
 * @param all how many connections are accepted a second; more wait; at least 1
 * @param address how many a second may come from one address; more are closed; at least 1
 * @param client how often one client may connect a minute before it is held off; at least 1
 */
public record ConnectRates(int all, int address, int client) {

    /** What holds unless the configuration says otherwise. */
    public static final ConnectRates DEFAULT = new ConnectRates(10_000, 1_000, 600);
}
