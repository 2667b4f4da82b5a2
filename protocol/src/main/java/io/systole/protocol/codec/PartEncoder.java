// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceInfo;
import java.util.List;

/**
 * Encodes the parts of a document separately. Concatenated, they equal the output of
 * {@link Codec#encodeApplications} or {@link Codec#encodeApplication} byte for byte:
 *
 * <pre>
 *   registry     ::=  applicationsHead [ application { separator application } ] applicationsTail
 *   application  ::=  applicationHead [ instances { separator instances } ] applicationTail
 * </pre>
 *
 * <p>All parts of a document must have the same root and form. A document of one application
 * consists of the second rule only. Text must be well-formed, as in the model. Thread-safe.
 */
public interface PartEncoder {

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
