// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/**
 * Reads an applications or application element from a walk that stands at its start, and leaves it
 * at its end. Names here are unescaped, so {@code versions__delta} reads {@code versions_delta}.
 */
final class ApplicationsXmlReader {
  private final XmlReader xml;
  private final InstanceXmlReader instance;

  ApplicationsXmlReader(XmlReader xml, long nowMs, StringInterner shared) {
    this.xml = xml;
    this.instance = new InstanceXmlReader(xml, nowMs, shared);
  }

  Applications readAll() throws XMLStreamException, MalformedDocumentException {
    String version = "";
    String appsHashCode = "";
    List<Application> applications = new ArrayList<>();
    while (xml.nextChild()) {
      switch (xml.name()) {
        case "versions_delta" -> version = xml.text();
        case "apps_hashcode" -> appsHashCode = xml.text();
        case "application" -> applications.add(readOne());
        default -> xml.skip();
      }
    }
    return new Applications(version, appsHashCode, applications);
  }

  Application readOne() throws XMLStreamException, MalformedDocumentException {
    String name = null;
    List<InstanceInfo> instances = new ArrayList<>();
    while (xml.nextChild()) {
      switch (xml.name()) {
        case "name" -> name = xml.text();
        case "instance" -> instances.add(instance.read());
        default -> xml.skip();
      }
    }
    if (name == null) {
      throw xml.unexpected("the element <name> in the application");
    }
    return new Application(name, instances);
  }
}
