// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.ServerAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured URLs of peers, in the syntax of stock servers' {@code serviceUrl}: separated by
 * commas or white space; in a file also by lines, with comments from {@code #} on.
 */
public final class PeerUrls {
  /** The maximum number of URLs, and of links to their addresses. */
  static final int PEERS_MAX = 64;

  /** More than {@link #PEERS_MAX} URLs need. */
  private static final long FILE_BYTES_MAX = 256 * 1024;

  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");

  private static final Logger LOG = LoggerFactory.getLogger(PeerUrls.class);

  private final List<URI> configured;
  private final @Nullable Path file;
  private volatile List<URI> ofFile = List.of();

  PeerUrls(PeerSettings settings) {
    this.configured = settings.urls();
    this.file = settings.file();
  }

  /**
   * Parses a list of URLs.
   *
   * @throws IllegalArgumentException for the first that is not a service URL; the message has no
   *     credentials
   */
  public static List<URI> parse(String text) {
    Set<URI> urls = new LinkedHashSet<>();
    for (String line : text.lines().toList()) {
      SEPARATOR
          .splitAsStream(line.replaceFirst("#.*", ""))
          .filter(word -> !word.isEmpty())
          .forEach(word -> urls.add(parseUrl(word)));
    }
    if (urls.size() > PEERS_MAX) {
      throw new IllegalArgumentException("more than " + PEERS_MAX + " peers");
    }
    return List.copyOf(urls);
  }

  private static URI parseUrl(String word) {
    URI url;
    try {
      url = URI.create(word);
    } catch (IllegalArgumentException malformed) {
      // The message of the cause would show credentials.
      throw new IllegalArgumentException("a peer's URL is malformed");
    }
    ServerAddress.requireServiceUrl(url);
    return url;
  }

  /** Returns the URLs, reading the file again. Keeps those of the last usable file. */
  List<URI> read() {
    Path path = file;
    if (path == null) {
      return configured;
    }
    try {
      if (Files.size(path) > FILE_BYTES_MAX) {
        throw new IOException("more than " + FILE_BYTES_MAX + " bytes");
      }
      ofFile = parse(Files.readString(path, StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException unusable) {
      LOG.warn(
          "peers file unusable, keeping its last peers file={}: {}", path, unusable.toString());
    }
    Set<URI> all = new LinkedHashSet<>(configured);
    all.addAll(ofFile);
    return new ArrayList<>(all);
  }
}
