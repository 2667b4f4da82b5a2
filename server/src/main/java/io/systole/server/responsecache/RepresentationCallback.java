// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/**
 * Whom an answer is for. Exactly one of these is called, once: on the thread that asked, while it
 * asks, or later on the thread that makes views, which must not be kept.
 */
public interface RepresentationCallback {
  /** The answer as of now. */
  void take(CachedRepresentation view);

  /** There is no application of that name; or changes after that version are no longer told. */
  void absent();

  /** The answer could not be made. */
  void failed(Throwable cause);
}
