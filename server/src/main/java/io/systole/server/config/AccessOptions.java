// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.integer;
import static io.systole.server.config.Option.share;

import io.systole.server.net.AddressBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options of access: management listener, host names, peers, and limits of one sender. */
final class AccessOptions {
  /**
   * The port of the management listener.
   *
   * @param number 0..65535, 0 for an ephemeral port; null for no listener
   */
  record ManagementPort(@Nullable Integer number) {
    static final ManagementPort NONE = new ManagementPort(null);

    private static final String ABSENT = "none";

    static @Nullable ManagementPort parse(String text) {
      if (text.equals(ABSENT)) {
        return NONE;
      }
      return text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535
          ? new ManagementPort(Integer.valueOf(text))
          : null;
    }

    @Override
    public String toString() {
      return number == null ? ABSENT : number.toString();
    }
  }

  /**
   * The host names that requests may address.
   *
   * @param names in lower case; empty for any
   */
  record AllowedHosts(List<String> names) {
    static final AllowedHosts ANY = new AllowedHosts(List.of());

    private static final String ALL = "any";

    static @Nullable AllowedHosts parse(String text) {
      if (text.equals(ALL)) {
        return ANY;
      }
      List<String> names = List.of(text.toLowerCase(Locale.ROOT).split(",", -1));
      return names.stream().allMatch(name -> name.matches("[a-z0-9._-]+"))
          ? new AllowedHosts(names)
          : null;
    }

    @Override
    public String toString() {
      return names.isEmpty() ? ALL : String.join(",", names);
    }
  }

  /**
   * The source addresses of replication requests.
   *
   * @param text as given
   * @param blocks empty for any
   */
  record AllowedPeers(String text, List<AddressBlock> blocks) {
    static final AllowedPeers ANY = new AllowedPeers("any", List.of());

    static @Nullable AllowedPeers parse(String text) {
      if (text.equals(ANY.text)) {
        return ANY;
      }
      List<AddressBlock> blocks = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        AddressBlock block = AddressBlock.parse(part);
        if (block == null) {
          return null;
        }
        blocks.add(block);
      }
      return new AllowedPeers(text, List.copyOf(blocks));
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0", "::");

  static final Option<ManagementPort> MANAGEMENT_PORT = new Option<>(
      "listen.management-port",
      "PORT",
      ManagementPort.NONE,
      "0..65535, or none",
      "separate port for /systole and /metrics; none serves them on the main port",
      ManagementPort::parse);

  static final Option<String> MANAGEMENT_BIND = new Option<>(
      "listen.management-bind",
      "ADDRESS",
      "127.0.0.1",
      "a host name or address",
      "address of the management port",
      AccessOptions::host);

  static final Option<AllowedHosts> ALLOWED_HOSTS = new Option<>(
          "access.allowed-hosts",
          "NAMES",
          AllowedHosts.ANY,
          "host names, separated by commas, or any",
          "host names accepted in Host, besides localhost and addresses; 421 for others",
          AllowedHosts::parse)
      .reloadable();

  static final Option<AllowedPeers> ALLOW_PEERS = new Option<>(
          "access.allow-peers",
          "ADDRESSES",
          AllowedPeers.ANY,
          "addresses or blocks like 10.0.0.0/8, separated by commas, or any",
          "source addresses of replication requests; 403 for others",
          AllowedPeers::parse)
      .reloadable();

  static final Option<Double> MAX_SOURCE_SHARE = share(
          "limits.max-source-share",
          0.25,
          0.001,
          "maximum share of bodies, unsent bytes, long responses and streams of one source address")
      .reloadable();

  static final Option<Integer> MAX_CREDENTIAL_RATE = integer(
          "limits.max-credential-rate",
          "N",
          0,
          0,
          1_000_000,
          "maximum number of registrations, of deltas and of full fetches that one credential may"
              + " send in a second; more receive 503; 0 means no limit")
      .reloadable();

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(
      MANAGEMENT_PORT,
      MANAGEMENT_BIND,
      ALLOWED_HOSTS,
      ALLOW_PEERS,
      MAX_SOURCE_SHARE,
      MAX_CREDENTIAL_RATE);

  private AccessOptions() {}

  /**
   * Refuses a port of the management listener that the main one has taken; on different addresses
   * both may have the same.
   */
  static void requireOtherPort(String mainHost, int mainPort, String host, int port) {
    boolean isSameHost =
        host.equals(mainHost) || ANY_ADDRESS.contains(mainHost) || ANY_ADDRESS.contains(host);
    if (port != 0 && port == mainPort && isSameHost) {
      throw new InvalidOptionException(
          "--management-port=" + port + " is the port of the main address too, --port");
    }
  }

  /** Returns the host name or address; null if it has characters of neither. */
  static @Nullable String host(String text) {
    return text.matches("[A-Za-z0-9._:%-]+|\\[[0-9A-Fa-f:.%]+]") ? text : null;
  }
}
