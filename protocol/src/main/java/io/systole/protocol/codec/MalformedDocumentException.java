// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/**
 * Thrown when a document is malformed or exceeds {@link DocumentLimits}. It has no stack trace,
 * because the sender caused it and may do so at any rate.
 */
public final class MalformedDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Maximum characters of a reason, so that a hostile document cannot fill a log. */
  private static final int REASON_CHARS_MAX = 200;

  private final long offset;
  private final boolean isTooLong;

  /**
   * Creates an exception.
   *
   * @param reason the expected and the actual syntax
   * @param offset bytes from the start of the document (characters for XML)
   */
  MalformedDocumentException(String reason, long offset) {
    this(reason, offset, false);
  }

  private MalformedDocumentException(String reason, long offset, boolean isTooLong) {
    super(excerpt(reason) + " (at offset " + offset + ")", null, false, false);
    this.offset = offset;
    this.isTooLong = isTooLong;
  }

  /** Returns an exception for a list with more items than allowed. */
  static MalformedDocumentException tooLong(String reason, long offset) {
    return new MalformedDocumentException(reason, offset, true);
  }

  /** Returns whether the only error is a list with more items than allowed. */
  public boolean isTooLong() {
    return isTooLong;
  }

  /** Returns the position of the error in bytes from the start (characters for XML). */
  public long offset() {
    return offset;
  }

  private static String excerpt(String reason) {
    return reason.length() <= REASON_CHARS_MAX
        ? reason
        : reason.substring(0, REASON_CHARS_MAX) + "…";
  }
}
