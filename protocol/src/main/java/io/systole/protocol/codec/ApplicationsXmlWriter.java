// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;

/** Writes an applications or application element; list elements are direct children. */
final class ApplicationsXmlWriter {
  private ApplicationsXmlWriter() {}

  static void writeApplications(Applications applications, Form form, XmlWriter xml) {
    String version = applications.version();
    String appsHashCode = applications.appsHashCode();
    beginApplications(version, appsHashCode, form, xml);
    for (Application application : applications.applications()) {
      writeApplication(application, form, xml);
    }
    endApplications(version, appsHashCode, applications.applications().isEmpty(), form, xml);
  }

  static void beginApplications(String version, String appsHashCode, Form form, XmlWriter xml) {
    xml.open("applications");
    if (form == Form.FULL) {
      writeVersion(version, appsHashCode, xml);
    }
  }

  static void endApplications(
      String version, String appsHashCode, boolean isEmpty, Form form, XmlWriter xml) {
    if (form == Form.COMPACT) {
      xml.element("registeredApplicationsEmpty", Boolean.toString(isEmpty));
      writeVersion(version, appsHashCode, xml);
    }
    xml.close("applications");
  }

  static void writeApplication(Application application, Form form, XmlWriter xml) {
    beginApplication(application.name(), xml);
    writeInstances(application.instances(), form, xml);
    endApplication(xml);
  }

  static void beginApplication(String name, XmlWriter xml) {
    xml.open("application");
    xml.element("name", name);
  }

  static void writeInstances(List<InstanceInfo> instances, Form form, XmlWriter xml) {
    for (InstanceInfo instance : instances) {
      InstanceXmlWriter.write(instance, form, xml);
    }
  }

  static void endApplication(XmlWriter xml) {
    xml.close("application");
  }

  private static void writeVersion(String version, String appsHashCode, XmlWriter xml) {
    xml.element("versions__delta", version);
    xml.element("apps__hashcode", appsHashCode);
  }
}
