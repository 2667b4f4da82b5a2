// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group that a member joins.
 *
 * @param name the name of the group; members with other names are refused
 * @param bind the address and port to listen on for members; port 0 for a free one
 * @param members addresses of some or all members, unresolved; may contain this one. Empty if
 *     {@code dnsName} is set
 * @param dnsName a name with an address record for each member, which all use the port of
 *     {@code bind}; null for none
 * @param stackFile an XML file with JGroups' protocol stack instead of the built-in one; null for
 *     none
 * @param secretFile a file with the secret that all members share; null for none
 * @param tls the certificates for connections between members; null for plain TCP
 */
public record GroupSettings(
    String name,
    InetSocketAddress bind,
    List<InetSocketAddress> members,
    @Nullable String dnsName,
    @Nullable Path stackFile,
    @Nullable Path secretFile,
    @Nullable Tls tls) {
  public GroupSettings {
    members = List.copyOf(members);
  }

  /**
   * PEM files. Each member is a client and a server, and both sides present their certificate.
   *
   * @param ca the certificates that those of members must chain to
   * @param certificate the chain of this member
   * @param key the private key, PKCS #8
   */
  public record Tls(Path ca, Path certificate, Path key) {}
}
