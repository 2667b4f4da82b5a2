// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.RegularFile;
import io.systole.client.net.ServerAddress;
import java.io.IOException;
import java.net.URI;
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
 * commas or white space; in a file also by lines, with comments from {@code #} on. Thread-safe.
 */
public final class PeerUrls {
  /** The maximum number of URLs, and of links to their addresses. */
  static final int PEERS_MAX = 64;

  /** More than {@link #PEERS_MAX} URLs need. */
  static final int FILE_BYTES_MAX = 256 * 1024;

  /** The only word of a file without peers. */
  private static final String NO_PEERS = "none";

  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");

  private static final Logger LOG = LoggerFactory.getLogger(PeerUrls.class);

  private final @Nullable Path file;

  // Guarded by this.
  private List<URI> configured;
  private List<URI> ofFile = List.of();

  /** The last warning; null if the file was usable when it was last read. */
  private @Nullable String reported;

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

  /** Replaces the URLs other than those of the file. */
  synchronized void replace(List<URI> urls) {
    configured = urls;
  }

  /**
   * Returns the URLs, reading the file again. Keeps those of the last usable file; one without URLs
   * is not, as it may be about to be rewritten.
   */
  synchronized List<URI> read() {
    Path path = file;
    if (path == null) {
      return configured;
    }
    try {
      ofFile = readFile(path);
      reported = null;
    } catch (IOException | IllegalArgumentException unusable) {
      report(path, unusable.toString());
    }
    Set<URI> all = new LinkedHashSet<>(configured);
    all.addAll(ofFile);
    return new ArrayList<>(all);
  }

  /**
   * Checks a file of URLs.
   *
   * @throws IOException if it has no URLs, nor the word for none; the message has no credentials
   */
  public static void requireUsable(Path file) throws IOException {
    try {
      List<URI> unused = readFile(file);
    } catch (IOException | IllegalArgumentException unusable) {
      throw new IOException("peers file unusable file=" + file + ": " + unusable, unusable);
    }
  }

  private static List<URI> readFile(Path file) throws IOException {
    String text = RegularFile.text(file, FILE_BYTES_MAX);
    if (text.strip().equals(NO_PEERS)) {
      return List.of();
    }
    List<URI> urls = parse(text);
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("no URL, nor the word " + NO_PEERS);
    }
    return urls;
  }

  private void report(Path path, String reason) {
    if (!reason.equals(reported)) {
      LOG.warn("peers file unusable, keeping its last peers file={}: {}", path, reason);
    }
    reported = reason;
  }
}
