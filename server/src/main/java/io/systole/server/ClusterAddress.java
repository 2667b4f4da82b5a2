// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.cluster.group.GroupSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The address on which a node listens for other members of the native cluster. */
final class ClusterAddress {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterAddress.class);

  private ClusterAddress() {}

  /**
   * Returns the settings with the resolved address to bind. A wildcard is replaced by the address
   * of this machine among those of the members, since a member announces one address to the others.
   *
   * @throws IOException if there is none
   */
  static GroupSettings resolve(GroupSettings settings) throws IOException {
    InetSocketAddress configured = settings.bind();
    InetAddress address = addressOf(configured.getHostString());
    if (address.isAnyLocalAddress()) {
      address = ownAmongMembers(settings);
      warnOfLoopback(address, settings);
    }
    return new GroupSettings(
        settings.name(),
        new InetSocketAddress(address, configured.getPort()),
        settings.members(),
        settings.dnsName(),
        settings.stackFile(),
        settings.secretFile(),
        settings.tls());
  }

  private static InetAddress addressOf(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException unknown) {
      throw new IOException("--cluster-bind=" + host + " has no address", unknown);
    }
  }

  private static InetAddress ownAmongMembers(GroupSettings settings) throws IOException {
    String name = settings.dnsName();
    int port = settings.bind().getPort();
    List<String> hosts = name != null
        ? List.of(name)
        : settings.members().stream()
            .filter(member -> member.getPort() == port)
            .map(InetSocketAddress::getHostString)
            .toList();
    return hosts.stream()
        .flatMap(host -> addressesOf(host).stream())
        .filter(ClusterAddress::isOwn)
        .map(address -> name == null ? address : withoutName(address))
        .findFirst()
        .orElseThrow(() -> new IOException("no address of --cluster-members is one of this machine"
            + " with --cluster-port " + port + "; set --cluster-bind" + unresolved(hosts)));
  }

  /** Returns the names that have no address, for the end of a message. */
  private static String unresolved(List<String> hosts) {
    List<String> names =
        hosts.stream().filter(host -> addressesOf(host).isEmpty()).toList();
    return names.isEmpty() ? "" : " (cannot resolve " + String.join(", ", names) + ")";
  }

  /** Warns if the own name is one of the loopback interface, as in some systems' /etc/hosts. */
  private static void warnOfLoopback(InetAddress own, GroupSettings settings) {
    if (own.isLoopbackAddress() && !isOnThisMachine(settings)) {
      LOG.warn(
          "members on other machines can't reach the loopback address {}; set --cluster-bind",
          own.getHostAddress());
    }
  }

  private static boolean isOnThisMachine(GroupSettings settings) {
    return settings.members().stream()
        .flatMap(member -> addressesOf(member.getHostString()).stream())
        .allMatch(InetAddress::isLoopbackAddress);
  }

  /** Returns no address for an unknown name, which may be that of a member not started yet. */
  private static List<InetAddress> addressesOf(String host) {
    try {
      return Arrays.asList(InetAddress.getAllByName(host));
    } catch (UnknownHostException unknown) {
      return List.of();
    }
  }

  /** Removes the name, which stands for all members. */
  private static InetAddress withoutName(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }
}
