// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.duration;
import static io.systole.server.config.Option.flag;

import io.systole.server.peer.PeerUrls;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options of replication to other servers, which is off by default. */
final class PeerOptions {
  private static final String ABSENT = "none";

  /** The service URLs of peers. */
  record PeerList(List<URI> urls) {
    static @Nullable PeerList parse(String text) {
      if (text.equals(ABSENT)) {
        return new PeerList(List.of());
      }
      try {
        List<URI> urls = PeerUrls.parse(text);
        return urls.isEmpty() ? null : new PeerList(urls);
      } catch (IllegalArgumentException malformed) {
        return null;
      }
    }

    /** Returns the list without credentials. */
    @Override
    public String toString() {
      return urls.isEmpty()
          ? ABSENT
          : urls.stream()
              .map(url -> Option.withoutCredentials(url.toString()))
              .collect(Collectors.joining(","));
    }
  }

  /**
   * The path of a file.
   *
   * @param path null for none
   */
  record OptionalPath(@Nullable Path path) {
    static final OptionalPath NONE = new OptionalPath(null);

    static @Nullable OptionalPath parse(String text) {
      if (text.equals(ABSENT)) {
        return NONE;
      }
      try {
        return text.isEmpty() ? null : new OptionalPath(Path.of(text));
      } catch (InvalidPathException malformed) {
        return null;
      }
    }

    @Override
    public String toString() {
      return path == null ? ABSENT : path.toString();
    }
  }

  static final Option<PeerList> PEERS = new Option<>(
          "cluster.peers",
          "URLS",
          new PeerList(List.of()),
          "service URLs like http://host:8761/eureka, separated by commas, or none",
          "servers to replicate to; may contain this node",
          PeerList::parse)
      .reloadable();

  static final Option<OptionalPath> PEERS_FILE = file(
      "cluster.peers-file",
      "file with further service URLs, read again every 30 s; # starts a comment");

  static final Option<Long> PEER_TIMEOUT = duration(
      "cluster.peer-timeout",
      5_000,
      50,
      60_000,
      "how long connecting to a peer, and each of its responses, may take");

  static final Option<OptionalPath> PEER_CA = file(
      "cluster.peer-ca",
      "CA certificates (PEM) that https peers' certificates must chain to; none: those of the JDK");

  static final Option<OptionalPath> PEER_CERTIFICATE =
      file("cluster.peer-certificate", "certificate chain in PEM that is sent to https peers");

  static final Option<OptionalPath> PEER_KEY =
      file("cluster.peer-key", "private key in PEM (PKCS #8) of --peer-certificate");

  static final Option<Boolean> REGISTER_SELF = flag(
      "cluster.register-self",
      false,
      "register the node as an instance, as dashboards of Eureka expect");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL =
      List.of(PEERS, PEERS_FILE, PEER_TIMEOUT, PEER_CA, PEER_CERTIFICATE, PEER_KEY, REGISTER_SELF);

  private PeerOptions() {}

  private static Option<OptionalPath> file(String name, String description) {
    return new Option<>(
        name, "FILE", OptionalPath.NONE, "a file, or none", description, OptionalPath::parse);
  }
}
