// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/**
 * The refusal of a document that cannot be read: the sender was wrong, or goes beyond
 * {@link DocumentLimits}. It has no stack trace, because it is an answer and not a defect of ours.
 */
public final class MalformedDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Characters of a reason, so that a hostile document cannot fill a log. */
  private static final int REASON_CHARS_MAX = 200;

  private final long offset;
  private final boolean isTooLong;

  /**
   * Makes a refusal.
   *
   * @param reason what was expected and what came
   * @param offset where, in bytes from the start of the document (in characters for XML)
   */
  MalformedDocumentException(String reason, long offset) {
    this(reason, offset, false);
  }

  private MalformedDocumentException(String reason, long offset, boolean isTooLong) {
    super(excerpt(reason) + " (at offset " + offset + ")", null, false, false);
    this.offset = offset;
    this.isTooLong = isTooLong;
  }

  /** Returns a refusal of a list with more items than allowed. */
  static MalformedDocumentException tooLong(String reason, long offset) {
    return new MalformedDocumentException(reason, offset, true);
  }

  /** Returns whether a list with more items than allowed is all that is wrong. */
  public boolean isTooLong() {
    return isTooLong;
  }

  /** Returns where the document went wrong, in bytes from its start (in characters for XML). */
  public long offset() {
    return offset;
  }

  private static String excerpt(String reason) {
    return reason.length() <= REASON_CHARS_MAX
        ? reason
        : reason.substring(0, REASON_CHARS_MAX) + "…";
  }
}
