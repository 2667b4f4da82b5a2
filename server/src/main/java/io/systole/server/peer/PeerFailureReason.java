// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** The reasons of failed requests to peers, which may contain text of the peer. */
final class PeerFailureReason {
  /** The maximum length of a text, which a peer may have written. */
  private static final int CHARS_MAX = 300;

  private PeerFailureReason() {}

  /** Returns a text of a peer, or of an operator, in a length fit for the log. */
  static String truncated(String text) {
    return text.substring(0, Math.min(text.length(), CHARS_MAX));
  }

  /** Returns the message of a failure and that of its cause. */
  static String of(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException
        || cause instanceof ExecutionException
        || cause instanceof UncheckedIOException) {
      cause = cause.getCause();
    }
    if (cause == null) {
      return "no reason given";
    }
    Throwable root = cause.getCause();
    return textOf(cause) + (root == null ? "" : ": " + textOf(root));
  }

  private static String textOf(Throwable failure) {
    if (failure instanceof EOFException || failure instanceof ZipException) {
      // Of the decompression; the message may be absent.
      return "corrupt or incomplete gzip body";
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : truncated(message);
  }
}
