// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.MemberListReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The service URLs of a native cluster's members, as one of them lists them.
 *
 * @param listedCount members with a URL in the list
 * @param others those of them that can be used and are not configured: at most
 *     {@link #MEMBERS_MAX}, each server once, with port and without a trailing slash
 */
public record MemberUrls(int listedCount, List<URI> others) {
  /*
   * The list comes from the network, and requests with the client's credentials follow it. A URL is
   * therefore used only if it has the scheme of the server that listed it: a list received over TLS
   * cannot lead to plain text, and a list received in plain text reveals no credentials that were
   * not sent in plain text before.
   */

  /** The path of the list on every member; it is not below the base path of the protocol. */
  public static final String PATH = "/systole/members";

  /** Maximum members in use; further ones in a list are ignored. */
  public static final int MEMBERS_MAX = 64;

  /** Maximum characters of a URL. */
  private static final int URL_CHARS_MAX = 1_024;

  public MemberUrls {
    others = List.copyOf(others);
  }

  /** Returns whether the list is that of a node that is joining or has left. */
  public boolean isEmpty() {
    return listedCount == 0;
  }

  /**
   * Reads a list.
   *
   * @param listedBy service URL of the server that sent the list
   * @param configured service URLs
   * @throws MalformedDocumentException if it is not a list of members
   */
  public static MemberUrls read(byte[] document, URI listedBy, Collection<URI> configured)
      throws MalformedDocumentException {
    Set<String> servers = new HashSet<>();
    configured.forEach(url -> servers.add(server(ServerAddress.of(url))));
    List<URI> urls = new ArrayList<>();
    List<String> listed = MemberListReader.urls(document);
    for (String text : listed) {
      if (urls.size() == MEMBERS_MAX) {
        break;
      }
      if (isUsable(text, listedBy)) {
        ServerAddress address = ServerAddress.of(URI.create(text));
        if (servers.add(server(address))) {
          urls.add(address.url());
        }
      }
    }
    return new MemberUrls(listed.size(), urls);
  }

  /** Returns host and port, since one server may serve several base paths. */
  private static String server(ServerAddress address) {
    return address.host() + ":" + address.port();
  }

  private static boolean isUsable(String text, URI listedBy) {
    boolean isAscii = StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    if (text.length() > URL_CHARS_MAX || !isAscii) {
      return false;
    }
    try {
      URI url = URI.create(text);
      ServerAddress.requireServiceUrl(url);
      return url.getRawUserInfo() == null && scheme(url).equals(scheme(listedBy));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String scheme(URI url) {
    return url.getScheme().toLowerCase(Locale.ROOT);
  }
}
