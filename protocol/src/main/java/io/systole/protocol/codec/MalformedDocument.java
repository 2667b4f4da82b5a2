// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/**
 * The refusal of a document that cannot be read: the sender was wrong, or goes beyond
 * {@link DocumentLimits}. It has no stack trace, because it is an answer and not a defect of ours.
 */
public final class MalformedDocument extends Exception {
  private static final long serialVersionUID = 1L;

  private final long offset;

  /**
   * Makes a refusal.
   *
   * @param reason what was expected and what came
   * @param offset where, in bytes from the start of the document (in characters for XML)
   */
  MalformedDocument(String reason, long offset) {
    super(reason + " (at offset " + offset + ")", null, false, false);
    this.offset = offset;
  }

  /** Returns where the document went wrong, in bytes from its start (in characters for XML). */
  public long offset() {
    return offset;
  }
}
