// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;

/** Writes an applications or application element; lists stand directly in their parent. */
final class ApplicationsXmlWriter {
  private ApplicationsXmlWriter() {}

  static void writeAll(Applications applications, Form form, XmlWriter xml) {
    String version = applications.version();
    String appsHashCode = applications.appsHashCode();
    beginAll(version, appsHashCode, form, xml);
    for (Application application : applications.applications()) {
      writeOne(application, form, xml);
    }
    endAll(version, appsHashCode, applications.applications().isEmpty(), form, xml);
  }

  static void beginAll(String version, String appsHashCode, Form form, XmlWriter xml) {
    xml.open("applications");
    if (form == Form.FULL) {
      writeVersion(version, appsHashCode, xml);
    }
  }

  static void endAll(
      String version, String appsHashCode, boolean isEmpty, Form form, XmlWriter xml) {
    if (form == Form.COMPACT) {
      xml.element("registeredApplicationsEmpty", Boolean.toString(isEmpty));
      writeVersion(version, appsHashCode, xml);
    }
    xml.close("applications");
  }

  static void writeOne(Application application, Form form, XmlWriter xml) {
    beginOne(application.name(), xml);
    writeInstances(application.instances(), form, xml);
    endOne(xml);
  }

  static void beginOne(String name, XmlWriter xml) {
    xml.open("application");
    xml.element("name", name);
  }

  static void writeInstances(List<InstanceInfo> instances, Form form, XmlWriter xml) {
    for (InstanceInfo instance : instances) {
      InstanceXmlWriter.write(instance, form, xml);
    }
  }

  static void endOne(XmlWriter xml) {
    xml.close("application");
  }

  private static void writeVersion(String version, String appsHashCode, XmlWriter xml) {
    xml.element("versions__delta", version);
    xml.element("apps__hashcode", appsHashCode);
  }
}
