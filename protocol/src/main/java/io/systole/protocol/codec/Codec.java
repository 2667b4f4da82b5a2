// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;

/** A reader and writer of the documents of one format. Thread-safe. */
public interface Codec extends PartEncoder {

  /**
   * Reads the body of a registration: one instance inside its wrapper, {@code {"instance":{…}}} or
   * {@code <instance>…</instance>}, and nothing after it.
   *
   * @param bytes contains the document at {@code from}, {@code length} bytes; not retained
   * @param nowMs epoch ms, the default of absent timestamps (spec §6.1 rows 22 and 23)
   * @throws MalformedDocumentException if the bytes are not such a document or exceed
   *     {@link DocumentLimits}
   */
  InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Reads one application inside its wrapper; otherwise like {@link #decodeInstance}. */
  Application decodeApplication(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Reads a registry inside its wrapper; otherwise like {@link #decodeInstance}. */
  Applications decodeApplications(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Writes one instance inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeInstance(InstanceInfo instance, Form form);

  /** Writes one application inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeApplication(Application application, Form form);

  /** Writes a registry inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeApplications(Applications applications, Form form);

  /**
   * Writes the status of a server in UTF-8: the XML of the reference, or the same tree in JSON,
   * which the reference does not support (spec §1.9).
   */
  byte[] encodeStatus(StatusInfo status);
}
