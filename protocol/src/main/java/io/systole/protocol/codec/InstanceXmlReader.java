// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one instance element (spec §6.4) from a walk that stands at its start, and leaves it at its
 * end. Elements come in any order, the last of a name wins and an unknown one is skipped.
 */
final class InstanceXmlReader {
  private final XmlReader xml;
  private final long nowMs;
  private final StringInterner shared;

  InstanceXmlReader(XmlReader xml, long nowMs, StringInterner shared) {
    this.xml = xml;
    this.nowMs = nowMs;
    this.shared = shared;
  }

  InstanceInfo read() throws XMLStreamException, MalformedDocumentException {
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
      case "app" -> instance.app(sharedUpper());
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
      case "appGroupName" -> instance.appGroupName(sharedUpper());
      case "homePageUrl" -> instance.homePageUrl(xml.text());
      case "statusPageUrl" -> instance.statusPageUrl(xml.text());
      case "healthCheckUrl" -> instance.healthCheckUrl(xml.text());
      case "secureHealthCheckUrl" -> instance.secureHealthCheckUrl(xml.text());
      case "vipAddress" -> instance.vipAddress(shared.of(xml.text()));
      case "secureVipAddress" -> instance.secureVipAddress(shared.of(xml.text()));
      case "isCoordinatingDiscoveryServer" ->
        instance.isCoordinatingDiscoveryServer(xml.text().equals("true"));
      case "lastUpdatedTimestamp" -> instance.lastUpdatedMs(longNumber());
      case "lastDirtyTimestamp" -> instance.lastDirtyMs(longNumber());
      case "actionType" -> instance.actionType(ActionType.exactly(xml.text()));
      case "asgName" -> instance.asgName(shared.of(xml.text()));
      default -> xml.skip();
    }
  }

  /** Reads a name that the instance holds in upper case, so that what is shared is what is held. */
  private String sharedUpper() throws XMLStreamException, MalformedDocumentException {
    return shared.of(xml.text().toUpperCase(Locale.ROOT));
  }

  /** Reads a status in any case, unlike JSON's (spec §6.4). */
  private InstanceStatus status() throws XMLStreamException, MalformedDocumentException {
    return InstanceStatus.of(xml.text().toUpperCase(Locale.ROOT));
  }

  /** Reads {@code <port enabled="true">8080</port>}; the default holds unless it is negated. */
  private PortInfo port(PortInfo absent) throws XMLStreamException, MalformedDocumentException {
    String enabled = xml.attribute("enabled");
    boolean isEnabled = absent.isEnabled() ? !"false".equals(enabled) : "true".equals(enabled);
    return new PortInfo(intNumber(), isEnabled);
  }

  /**
   * Reads a data center, by its name; without one there is none, whatever its class (spec §6.2).
   */
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
      entries.put(shared.of(xml.name()), shared.of(xml.text()));
      if (entries.size() > DocumentLimits.METADATA_ENTRIES_MAX) {
        throw xml.unexpected(
            "at most " + DocumentLimits.METADATA_ENTRIES_MAX + " metadata entries");
      }
    }
    return shared.of(entries);
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
