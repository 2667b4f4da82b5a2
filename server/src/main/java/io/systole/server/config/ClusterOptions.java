// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.duration;
import static io.systole.server.config.Option.integer;

import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.cluster.ReplicaSettings;
import io.systole.server.cluster.group.GroupSettings;
import io.systole.server.config.PeerOptions.OptionalPath;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options of the native cluster, which is off by default. */
final class ClusterOptions {
  private static final String ABSENT = "none";

  /**
   * The name of a cluster.
   *
   * @param text null for no cluster
   */
  record ClusterName(@Nullable String text) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    static @Nullable ClusterName parse(String text) {
      if (text.equals(ABSENT)) {
        return new ClusterName(null);
      }
      return NAME.matcher(text).matches() ? new ClusterName(text) : null;
    }

    @Override
    public String toString() {
      return text == null ? ABSENT : text;
    }
  }

  /**
   * The addresses of members.
   *
   * @param addresses unresolved; empty with a DNS name
   * @param dnsName null for none
   */
  record MemberList(
      List<InetSocketAddress> addresses, @Nullable String dnsName) {
    private static final MemberList NONE = new MemberList(List.of(), null);

    /** Stands before a name that resolves to the addresses of all members. */
    private static final String DNS = "dns:";

    /** More members than any cluster should have; each sends its renewals to all others. */
    private static final int MEMBERS_MAX = 64;

    private static final int PORT_MAX = 65_535;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    private static final Pattern ADDRESS =
        Pattern.compile("(?:([A-Za-z0-9._-]+)|\\[([0-9A-Fa-f:.%]+)]):([0-9]{1,5})");

    static @Nullable MemberList parse(String text) {
      if (text.equals(ABSENT)) {
        return NONE;
      }
      if (text.startsWith(DNS)) {
        String name = text.substring(DNS.length());
        return NAME.matcher(name).matches() ? new MemberList(List.of(), name) : null;
      }
      List<InetSocketAddress> addresses = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        Matcher address = ADDRESS.matcher(part);
        int port = address.matches() ? Integer.parseInt(address.group(3)) : 0;
        if (port < 1 || port > PORT_MAX || addresses.size() == MEMBERS_MAX) {
          return null;
        }
        String host = address.group(1) == null ? address.group(2) : address.group(1);
        addresses.add(InetSocketAddress.createUnresolved(host, port));
      }
      return new MemberList(List.copyOf(addresses), null);
    }

    @Override
    public String toString() {
      if (dnsName != null) {
        return DNS + dnsName;
      }
      return addresses.isEmpty()
          ? ABSENT
          : addresses.stream().map(MemberList::format).collect(Collectors.joining(","));
    }

    private static String format(InetSocketAddress address) {
      String host = address.getHostString();
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
  }

  static final Option<ClusterName> CLUSTER = new Option<>(
      "cluster.cluster",
      "NAME",
      new ClusterName(null),
      "up to 64 letters, digits, dots, dashes and underscores, or none",
      "native cluster that this node joins; its members hold the same registry",
      ClusterName::parse);

  static final Option<MemberList> MEMBERS = new Option<>(
      "cluster.cluster-members",
      "ADDRESSES",
      MemberList.NONE,
      "up to 64 of host:port or [IPv6]:port, separated by commas, or dns:NAME, or none",
      "some or all members, or a name with an address for each; may contain this node",
      MemberList::parse);

  static final Option<Integer> PORT = integer(
      "cluster.cluster-port", "PORT", 7800, 1, 65_535, "port to listen on for other members");

  static final Option<String> BIND = new Option<>(
      "cluster.cluster-bind",
      "ADDRESS",
      "auto",
      "a host name or address, or auto",
      "address to listen on for other members; auto: --bind, or, if that stands for all addresses,"
          + " the one of this machine among those of the members",
      AccessOptions::host);

  static final Option<OptionalPath> STACK =
      file("cluster.cluster-xml", "protocol stack of JGroups in XML, instead of the built-in one");

  static final Option<OptionalPath> SECRET =
      file("cluster.cluster-secret-file", "file with a secret that members must know to join");

  static final Option<OptionalPath> CERTIFICATE = file(
      "cluster.cluster-certificate",
      "certificate chain in PEM of this member; with it, members use TLS among each other");

  static final Option<OptionalPath> KEY =
      file("cluster.cluster-key", "private key in PEM (PKCS #8) of --cluster-certificate");

  static final Option<OptionalPath> CA = file(
      "cluster.cluster-ca", "CA certificates (PEM) that certificates of members must chain to");

  static final Option<Long> WINDOW = duration(
      "cluster.cluster-window",
      500,
      50,
      10_000,
      "time between two messages with the renewals of this node to the other members");

  static final Option<Long> JOIN_TIMEOUT = duration(
      "cluster.cluster-join-timeout",
      60_000,
      0,
      3_600_000,
      "how long a starting node waits for the registry of the cluster before it serves without it");

  static final Option<Integer> TOMBSTONES = integer(
      "cluster.cluster-tombstones",
      "N",
      1_000_000,
      1_000,
      100_000_000,
      "maximum number of removals that a member remembers for an hour; the oldest are dropped");

  static final Option<Integer> PROTOCOL = integer(
      "cluster.cluster-protocol",
      "VERSION",
      2,
      1,
      2,
      "highest version of the protocol between members; lower during a rolling upgrade");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(
      CLUSTER,
      MEMBERS,
      PORT,
      BIND,
      STACK,
      SECRET,
      CERTIFICATE,
      KEY,
      CA,
      WINDOW,
      JOIN_TIMEOUT,
      TOMBSTONES,
      PROTOCOL);

  /** More often would cost more than it finds; after a split, members compare at once. */
  private static final long DIGEST_INTERVAL_MS = 30_000;

  /** A removal is remembered for as long as two leases of half an hour last. */
  private static final long TOMBSTONE_MS = 3_600_000;

  private final Settings settings;

  private ClusterOptions(Settings settings) {
    this.settings = settings;
  }

  private static Option<OptionalPath> file(String name, String description) {
    return new Option<>(
        name, "FILE", OptionalPath.NONE, "a file, or none", description, OptionalPath::parse);
  }

  /**
   * Returns the settings of the native cluster, or null for none.
   *
   * @throws InvalidOptionException if options contradict each other
   */
  static @Nullable NativeClusterSettings read(Settings settings) {
    return new ClusterOptions(settings).read();
  }

  private @Nullable NativeClusterSettings read() {
    String name = settings.value(CLUSTER).text();
    if (name == null) {
      refuseWithoutCluster();
      return null;
    }
    MemberList members = settings.value(MEMBERS);
    if (members.equals(MemberList.NONE) && path(STACK) == null) {
      throw refusal(CLUSTER, "needs " + MEMBERS.flagName());
    }
    GroupSettings group = new GroupSettings(
        name,
        InetSocketAddress.createUnresolved(bind(), settings.value(PORT)),
        members.addresses(),
        members.dnsName(),
        path(STACK),
        path(SECRET),
        tls());
    ReplicaSettings replica = new ReplicaSettings(
        settings.value(WINDOW),
        DIGEST_INTERVAL_MS,
        TOMBSTONE_MS,
        settings.value(TOMBSTONES),
        settings.value(PROTOCOL));
    return new NativeClusterSettings(group, replica, settings.value(JOIN_TIMEOUT));
  }

  private void refuseWithoutCluster() {
    for (Option<?> option : ALL) {
      if (!settings.value(option).equals(option.defaultValue())) {
        throw refusal(option, "has no effect without " + CLUSTER.flagName());
      }
    }
  }

  private String bind() {
    String bind = settings.value(BIND);
    return bind.equals(BIND.defaultValue()) ? settings.value(ServerOptions.BIND) : bind;
  }

  private GroupSettings.@Nullable Tls tls() {
    Path certificate = path(CERTIFICATE);
    Path key = path(KEY);
    Path ca = path(CA);
    if (certificate == null && key == null && ca == null) {
      return null;
    }
    if (certificate == null || key == null || ca == null) {
      Option<?> given = certificate != null ? CERTIFICATE : key != null ? KEY : CA;
      throw new InvalidOptionException(settings.of(given).source() + ": "
          + CERTIFICATE.flagName() + ", " + KEY.flagName() + " and " + CA.flagName()
          + " require each other");
    }
    return new GroupSettings.Tls(ca, certificate, key);
  }

  private @Nullable Path path(Option<OptionalPath> option) {
    return settings.value(option).path();
  }

  private InvalidOptionException refusal(Option<?> option, String reason) {
    return new InvalidOptionException(settings.of(option).source() + " " + reason);
  }
}
