// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/**
 * A callback for a representation. Exactly one method is called, once: during the request on the
 * requesting thread, or later on the encoding thread. Must not block.
 */
public interface RepresentationCallback {
  /** Called with the current representation. */
  void completed(CachedRepresentation view);

  /**
   * Called if there is no application of that name, or the changes after that version are no longer
   * available.
   */
  void absent();

  /** Called if encoding failed or the cache is closed. */
  void failed(Throwable cause);
}
