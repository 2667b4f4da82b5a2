// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/**
 * Reads an applications or application element from its start to its end. Names are unescaped, so
 * {@code versions__delta} is {@code versions_delta} here.
 */
final class ApplicationsXmlReader {
  private final XmlReader xml;
  private final InstanceXmlReader instance;

  ApplicationsXmlReader(XmlReader xml, long nowMs, StringInterner interner) {
    this.xml = xml;
    this.instance = new InstanceXmlReader(xml, nowMs, interner);
  }

  Applications readApplications() throws XMLStreamException, MalformedDocumentException {
    String version = "";
    String appsHashCode = "";
    List<Application> applications = new ArrayList<>();
    while (xml.nextChild()) {
      switch (xml.name()) {
        case "versions_delta" -> version = xml.text();
        case "apps_hashcode" -> appsHashCode = xml.text();
        case "application" -> applications.add(readApplication());
        default -> xml.skip();
      }
    }
    return new Applications(version, appsHashCode, applications);
  }

  Application readApplication() throws XMLStreamException, MalformedDocumentException {
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
