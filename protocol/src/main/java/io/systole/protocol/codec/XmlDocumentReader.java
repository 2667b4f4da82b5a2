// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import io.systole.protocol.model.StringInterner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * Reads instance, application and applications elements (spec §6.4) from their start to their end.
 * Child elements may have any order, the last of a name wins, and unknown elements are skipped.
 * Names are unescaped, so {@code versions__delta} is {@code versions_delta} here.
 */
final class XmlDocumentReader {
  private final XmlReader xml;
  private final long nowMs;
  private final StringInterner interner;

  XmlDocumentReader(XmlReader xml, long nowMs, StringInterner interner) {
    this.xml = xml;
    this.nowMs = nowMs;
    this.interner = interner;
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
        case "instance" -> instances.add(readInstance());
        default -> xml.skip();
      }
    }
    if (name == null) {
      throw xml.unexpected("the element <name> in the application");
    }
    return new Application(name, instances);
  }

  InstanceInfo readInstance() throws XMLStreamException, MalformedDocumentException {
    InstanceInfo.Builder instance =
        InstanceInfo.builder().dataCenterInfo(null).lastUpdatedMs(nowMs).lastDirtyMs(nowMs);
    boolean hasApp = false;
    while (xml.nextChild()) {
      String name = xml.name();
      hasApp |= name.equals("app");
      readMember(name, instance);
    }
    if (!hasApp) {
      throw xml.unexpected("the element <app> in the instance");
    }
    return instance.build();
  }

  private void readMember(String name, InstanceInfo.Builder instance)
      throws XMLStreamException, MalformedDocumentException {
    switch (name) {
      case "instanceId" -> instance.instanceId(xml.text());
      case "hostName" -> instance.hostName(xml.text());
      case "app" -> instance.app(internedUpperCase());
      case "ipAddr" -> instance.ipAddr(xml.text());
      case "sid" -> instance.sid(xml.text());
      case "status" -> instance.status(status());
      case "overriddenstatus", "overriddenStatus" -> instance.overriddenStatus(status());
      case "port" -> instance.port(port(PortInfo.DEFAULT_PLAIN));
      case "securePort" -> instance.securePort(port(PortInfo.DEFAULT_SECURE));
      case "countryId" -> instance.countryId(intNumber());
      case "dataCenterInfo" -> instance.dataCenterInfo(dataCenter());
      case "leaseInfo" -> instance.leaseInfo(lease());
      case "metadata" -> instance.metadata(stringMap());
      case "appGroupName" -> instance.appGroupName(internedUpperCase());
      case "homePageUrl" -> instance.homePageUrl(xml.text());
      case "statusPageUrl" -> instance.statusPageUrl(xml.text());
      case "healthCheckUrl" -> instance.healthCheckUrl(xml.text());
      case "secureHealthCheckUrl" -> instance.secureHealthCheckUrl(xml.text());
      case "vipAddress" -> instance.vipAddress(interner.intern(xml.text()));
      case "secureVipAddress" -> instance.secureVipAddress(interner.intern(xml.text()));
      case "isCoordinatingDiscoveryServer" ->
        instance.isCoordinatingDiscoveryServer(xml.text().equals("true"));
      case "lastUpdatedTimestamp" -> instance.lastUpdatedMs(longNumber());
      case "lastDirtyTimestamp" -> instance.lastDirtyMs(longNumber());
      case "actionType" -> instance.actionType(ActionType.named(xml.text()));
      case "asgName" -> instance.asgName(interner.intern(xml.text()));
      default -> xml.skip();
    }
  }

  /** Reads an upper-case name; converted here, so that the interned string is the final one. */
  private String internedUpperCase() throws XMLStreamException, MalformedDocumentException {
    return interner.intern(xml.text().toUpperCase(Locale.ROOT));
  }

  /** Reads a status in any case, unlike in JSON (spec §6.4). */
  private InstanceStatus status() throws XMLStreamException, MalformedDocumentException {
    return InstanceStatus.of(xml.text().toUpperCase(Locale.ROOT));
  }

  /**
   * Reads {@code <port enabled="true">8080</port>}; the attribute defaults to that of the default
   * port.
   */
  private PortInfo port(PortInfo defaultPort)
      throws XMLStreamException, MalformedDocumentException {
    String enabled = xml.attribute("enabled");
    boolean isEnabled = defaultPort.isEnabled() ? !"false".equals(enabled) : "true".equals(enabled);
    return new PortInfo(intNumber(), isEnabled);
  }

  /** Reads a data center by its name; null without a name, regardless of its class (spec §6.2). */
  private @Nullable DataCenterInfo dataCenter()
      throws XMLStreamException, MalformedDocumentException {
    String name = null;
    Map<String, String> metadata = Map.of();
    while (xml.nextChild()) {
      switch (xml.name()) {
        case "name" -> name = xml.text();
        case "metadata" -> metadata = stringMap();
        default -> xml.skip();
      }
    }
    if (name == null) {
      return null;
    }
    if (DataCenterInfo.AMAZON_NAME.equalsIgnoreCase(name)) {
      return DataCenterInfo.amazon(metadata);
    }
    if (!DataCenterInfo.isKnown(name)) {
      throw xml.unexpected("Amazon, MyOwn or Netflix as data center name, got " + name);
    }
    return DataCenterInfo.of(name, Map.of());
  }

  private LeaseInfo lease() throws XMLStreamException, MalformedDocumentException {
    int intervalSecs = 0;
    int durationSecs = 0;
    long registrationMs = 0;
    long lastRenewalMs = 0;
    long evictionMs = 0;
    long serviceUpMs = 0;
    while (xml.nextChild()) {
      switch (xml.name()) {
        case "renewalIntervalInSecs" -> intervalSecs = intNumber();
        case "durationInSecs" -> durationSecs = intNumber();
        case "registrationTimestamp" -> registrationMs = longNumber();
        case "lastRenewalTimestamp" -> lastRenewalMs = longNumber();
        case "evictionTimestamp" -> evictionMs = longNumber();
        case "serviceUpTimestamp" -> serviceUpMs = longNumber();
        default -> xml.skip();
      }
    }
    return new LeaseInfo(
        intervalSecs, durationSecs, registrationMs, lastRenewalMs, evictionMs, serviceUpMs);
  }

  private Map<String, String> stringMap() throws XMLStreamException, MalformedDocumentException {
    Map<String, String> entries = new LinkedHashMap<>();
    while (xml.nextChild()) {
      entries.put(interner.intern(xml.name()), interner.intern(xml.text()));
      if (entries.size() > DocumentLimits.METADATA_ENTRIES_MAX) {
        throw xml.unexpected(
            "at most " + DocumentLimits.METADATA_ENTRIES_MAX + " metadata entries");
      }
    }
    return interner.intern(entries);
  }

  private int intNumber() throws XMLStreamException, MalformedDocumentException {
    long number = longNumber();
    if (number != (int) number) {
      throw xml.unexpected("a 32-bit number, got " + number);
    }
    return (int) number;
  }

  private long longNumber() throws XMLStreamException, MalformedDocumentException {
    String text = xml.text();
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw xml.unexpected("a whole number, got \"" + text + "\"");
    }
  }
}
