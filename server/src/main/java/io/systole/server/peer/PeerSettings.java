// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.api.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The peers of a node.
 *
 * @param urls service URLs, with user info for Basic authentication if needed; may contain the
 *     node's own
 * @param file a file with further URLs, read again when it changes; null for none
 * @param timeoutMs for connecting to a peer and for each of its responses
 * @param tls trust and identity for https URLs
 * @param isSelfRegistered whether the node registers itself as an instance
 */
public record PeerSettings(
    List<URI> urls, @Nullable Path file, int timeoutMs, TlsFiles tls, boolean isSelfRegistered) {
  public PeerSettings {
    urls = List.copyOf(urls);
  }

  /** Returns whether the node may have peers. */
  public boolean hasPeers() {
    return !urls.isEmpty() || file != null;
  }

  /** Returns the number of URLs only, since their user info may be a password. */
  @Override
  public String toString() {
    return "PeerSettings[urls=" + urls.size() + ", file=" + file + ", timeoutMs=" + timeoutMs
        + ", tls=" + tls + ", isSelfRegistered=" + isSelfRegistered + "]";
  }
}
