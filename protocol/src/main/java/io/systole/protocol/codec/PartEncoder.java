// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceInfo;
import java.util.List;

/**
 * The parts of a document, each encoded by itself. Laid end to end they are, to the byte, what
 * {@link Codec#encodeApplications} and {@link Codec#encodeApplication} write of the whole:
 *
 * <pre>
 *   registry     ::=  applicationsHead [ application { separator application } ] applicationsTail
 *   application  ::=  applicationHead [ instances { separator instances } ] applicationTail
 * </pre>
 *
 * <p>All parts of a document are of the same root and form; those of an application by itself need
 * no more than the second line. Text is well-formed, as the model's is. Any thread may call.
 */
public interface PartEncoder {

  /** Returns all of a registry before its first application. */
  byte[] applicationsHead(String version, String appsHashCode, Form form);

  /**
   * Returns all of a registry after its last application; the compact form says only here what the
   * full one says in its head.
   *
   * @param isEmpty whether there is no application before it
   */
  byte[] applicationsTail(String version, String appsHashCode, boolean isEmpty, Form form);

  /** Returns all of an application before its first instance. */
  byte[] applicationHead(String name, RootElement root, Form form);

  /** Returns all of an application after its last instance. */
  byte[] applicationTail(RootElement root, Form form);

  /** Returns neighbours within an application, with what parts them; empty when there are none. */
  byte[] instances(List<InstanceInfo> instances, RootElement root, Form form);

  /** Returns what parts two instances, and two applications; empty in XML. */
  byte[] separator();
}
