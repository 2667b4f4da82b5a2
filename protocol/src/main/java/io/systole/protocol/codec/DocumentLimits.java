// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/**
 * Size limits of documents. A document over a limit is refused before it consumes many resources.
 */
public final class DocumentLimits {
  /** Bytes of one instance. Usually 1 to 4 KB; some contain certificates as metadata. */
  public static final int INSTANCE_BYTES_MAX = 1 << 20;

  /** Bytes of an application or a registry: a million instances of usual size. */
  public static final int REGISTRY_BYTES_MAX = 1 << 30;

  /** Items of one replication batch. Stock peers send up to 250 (spec §5.3). */
  public static final int BATCH_ITEMS_MAX = 1000;

  /**
   * Bytes of a batch response after which instances are left out, so that a small request cannot
   * have one large instance encoded a thousand times. As many take an event loop a few milliseconds
   * at most. The peer receives the others with the responses to later heartbeats.
   */
  public static final int BATCH_RESPONSE_BYTES_MAX = 128 * 1024;

  /** Levels of nesting. Known members have 8; unknown members are skipped, but still parsed. */
  public static final int DEPTH_MAX = 64;

  /** Characters of one text. The longest in practice are certificates of a few KB. */
  public static final int TEXT_CHARS_MAX = 1 << 18;

  /** Characters of a member name or of an XML attribute. */
  public static final int NAME_CHARS_MAX = 4096;

  /** Characters of a number: 20 for any 64-bit one, more for a fraction with exponent. */
  public static final int NUMBER_CHARS_MAX = 64;

  /** Entries of one metadata map, in which lookup is linear. */
  public static final int METADATA_ENTRIES_MAX = 1024;

  /** XML attributes of one element. Known elements have at most 1. */
  public static final int ATTRIBUTES_MAX = 16;

  private DocumentLimits() {}

  /**
   * Checks the length of a document before it is read.
   *
   * @throws MalformedDocumentException if it exceeds {@code bytesMax}
   */
  static void checkLength(int length, int bytesMax) throws MalformedDocumentException {
    if (length > bytesMax) {
      throw new MalformedDocumentException(
          "document of " + length + " bytes exceeds " + bytesMax, 0);
    }
  }
}
