// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;

/** Reads and writes documents of one format; any thread may call, any number at once. */
public interface Codec extends PartEncoder {

  /**
   * Reads the body of a registration: one instance inside its wrapper, {@code {"instance":{…}}} or
   * {@code <instance>…</instance>}, and nothing after it.
   *
   * @param bytes holds the document from {@code from} on, {@code length} bytes of it; not kept
   * @param nowMs epoch ms, stands in for absent timestamps (spec §6.1 rows 22 and 23)
   * @throws MalformedDocumentException when the bytes are no such document or exceed
   *     {@link DocumentLimits}
   */
  InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Reads one application inside its wrapper; parameters and errors as {@link #decodeInstance}. */
  Application decodeApplication(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Reads a registry inside its wrapper; parameters and errors as {@link #decodeInstance}. */
  Applications decodeApplications(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException;

  /** Writes one instance inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeInstance(InstanceInfo instance, Form form);

  /** Writes one application inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeApplication(Application application, Form form);

  /** Writes a registry inside its wrapper, as the reference does (spec §6), in UTF-8. */
  byte[] encodeApplications(Applications applications, Form form);

  /**
   * Writes what a server says of itself: the reference's XML, or the same tree in JSON, which the
   * reference fails at (spec §1.9). In UTF-8.
   */
  byte[] encodeStatus(StatusInfo status);
}
