// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import java.util.List;

/**
 * A reader and writer of the documents of one format. Thread-safe.
 *
 * <p>The parts of a document can be encoded separately. Concatenated, they equal the output of
 * {@link #encodeApplications} or {@link #encodeApplication} byte for byte:
 *
 * <pre>
 *   registry     ::=  applicationsHead [ application { separator application } ] applicationsTail
 *   application  ::=  applicationHead [ instances { separator instances } ] applicationTail
 * </pre>
 *
 * <p>All parts of a document must have the same root and form. A document of one application
 * consists of the second rule only. Text must be well-formed, as in the model.
 */
public interface Codec {

  /** The root element of a document, which determines the nesting of its instances. */
  enum RootElement {
    /** A registry or a part of it, with instances nested in applications. */
    APPLICATIONS,
    /** One application. */
    APPLICATION
  }

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

  /** Returns the part of a registry before its first application. */
  byte[] applicationsHead(String version, String appsHashCode, Form form);

  /**
   * Returns the part of a registry after its last application. The compact form writes version and
   * hash code here, the full form in its head.
   *
   * @param isEmpty whether the registry has no applications
   */
  byte[] applicationsTail(String version, String appsHashCode, boolean isEmpty, Form form);

  /** Returns the part of an application before its first instance. */
  byte[] applicationHead(String name, RootElement root, Form form);

  /** Returns the part of an application after its last instance. */
  byte[] applicationTail(RootElement root, Form form);

  /** Returns successive instances of an application with their separators; empty for none. */
  byte[] instances(List<InstanceInfo> instances, RootElement root, Form form);

  /** Returns the separator between two instances or two applications; empty in XML. */
  byte[] separator();
}
