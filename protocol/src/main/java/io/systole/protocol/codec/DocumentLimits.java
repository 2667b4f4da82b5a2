// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/** How large a document may be. Beyond these it is refused before it costs much. */
public final class DocumentLimits {
  /** Bytes of one instance. Real ones take 1 to 4 KB; some carry certificates as metadata. */
  public static final int INSTANCE_BYTES_MAX = 1 << 20;

  /** Bytes of an application or a registry: a million instances of the usual size. */
  public static final int REGISTRY_BYTES_MAX = 1 << 30;

  /** Items of one replication batch. Stock peers send up to 250 (spec §5.3). */
  public static final int BATCH_ITEMS_MAX = 1000;

  /**
   * Bytes of a batch's response from which on instances are left out of it, so that a few bytes of
   * request can't have the same large instance encoded a thousand times.
   */
  public static final int BATCH_RESPONSE_BYTES_MAX = 4 << 20;

  /** Levels of nesting. Ours has 8, what strangers add is skipped but still walked through. */
  public static final int DEPTH_MAX = 64;

  /** Characters of one text. The longest seen in the field are certificates of a few KB. */
  public static final int TEXT_CHARS_MAX = 1 << 18;

  /** Characters of a member name or of an XML attribute. */
  public static final int NAME_CHARS_MAX = 4096;

  /** Characters of a number: 20 make any 64-bit one, a fraction with exponent a few more. */
  public static final int NUMBER_CHARS_MAX = 64;

  /** Entries of one metadata map. Look-up in it is linear. */
  public static final int METADATA_ENTRIES_MAX = 1024;

  /** XML attributes of one element. Ours has 1. */
  public static final int ATTRIBUTES_MAX = 16;

  private DocumentLimits() {}

  /** Checks a length before a byte is read. */
  static void checkLength(int length, int bytesMax) throws MalformedDocumentException {
    if (length > bytesMax) {
      throw new MalformedDocumentException(
          "document of " + length + " bytes exceeds " + bytesMax, 0);
    }
  }
}
