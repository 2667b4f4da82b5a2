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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;

/**
 * Reads instances, applications and registries in JSON without their wrappers (spec §6.1), from the
 * opening brace to the closing one. Members may have any order, the last of a name wins, null
 * counts as absent, and unknown members of any shape are skipped. A single object is accepted in
 * place of a list of one, as written by old peers (spec §6.7).
 */
final class JsonDocumentReader {
  private final JsonParser parser;
  private final long nowMs;
  private final StringInterner interner;

  JsonDocumentReader(JsonParser parser, long nowMs, StringInterner interner) {
    this.parser = parser;
    this.nowMs = nowMs;
    this.interner = interner;
  }

  Applications readApplications() throws MalformedDocumentException {
    String version = "";
    String hashCode = "";
    List<Application> applications = List.of();
    for (String name = nextMember(); name != null; name = nextMember()) {
      switch (name) {
        case "versions__delta" -> version = text();
        case "apps__hashcode" -> hashCode = text();
        case "application" -> applications = list(this::readApplication);
        default -> parser.skipChildren();
      }
    }
    return new Applications(version, hashCode, applications);
  }

  Application readApplication() throws MalformedDocumentException {
    String application = null;
    List<InstanceInfo> instances = List.of();
    for (String name = nextMember(); name != null; name = nextMember()) {
      switch (name) {
        case "name" -> application = text();
        case "instance" -> instances = list(this::readInstance);
        default -> parser.skipChildren();
      }
    }
    if (application == null) {
      throw unexpected("the member \"name\" in the application", parser);
    }
    return new Application(application, instances);
  }

  /** Passes on the instances of a registry; returns the number of those that are malformed. */
  int readInstances(Consumer<InstanceInfo> onInstance) throws MalformedDocumentException {
    int malformed = 0;
    for (String name = nextMember(); name != null; name = nextMember()) {
      if (name.equals("application")) {
        malformed += forEachObject(() -> readInstancesOfApplication(onInstance));
      } else {
        parser.skipChildren();
      }
    }
    return malformed;
  }

  private int readInstancesOfApplication(Consumer<InstanceInfo> onInstance)
      throws MalformedDocumentException {
    int malformed = 0;
    for (String name = nextMember(); name != null; name = nextMember()) {
      if (name.equals("instance")) {
        malformed += forEachObject(() -> readOrSkipInstance(onInstance));
      } else {
        parser.skipChildren();
      }
    }
    return malformed;
  }

  private int readOrSkipInstance(Consumer<InstanceInfo> onInstance) {
    int depth = depth();
    InstanceInfo instance;
    try {
      instance = readInstance();
    } catch (MalformedDocumentException malformed) {
      skipToDepth(depth - 1);
      return 1;
    }
    onInstance.accept(instance);
    return 0;
  }

  /** Returns the number of objects and arrays around the current token. */
  int depth() {
    return parser.streamReadContext().getNestingDepth();
  }

  /** Skips the rest of objects and arrays that were read in part. */
  void skipToDepth(int depth) {
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    }
    while (depth() > depth) {
      parser.nextToken();
    }
  }

  /** Reads the objects of an array, or a single object; returns the sum of the results. */
  private int forEachObject(Item<Integer> item) throws MalformedDocumentException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return item.read();
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw unexpected("an array", parser);
    }
    int sum = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw unexpected("an object in the array", parser);
      }
      sum += item.read();
    }
    return sum;
  }

  private interface Item<T> {
    T read() throws MalformedDocumentException;
  }

  private <T> List<T> list(Item<T> item) throws MalformedDocumentException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return List.of(item.read());
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw unexpected("an array", parser);
    }
    List<T> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw unexpected("an object in the array", parser);
      }
      items.add(item.read());
    }
    return items;
  }

  InstanceInfo readInstance() throws MalformedDocumentException {
    InstanceInfo.Builder instance =
        InstanceInfo.builder().dataCenterInfo(null).lastUpdatedMs(nowMs).lastDirtyMs(nowMs);
    boolean hasApp = false;
    for (String name = nextMember(); name != null; name = nextMember()) {
      hasApp |= name.equals("app");
      readMember(name, instance);
    }
    if (!hasApp) {
      throw unexpected("the member \"app\" in the instance", parser);
    }
    return instance.build();
  }

  private void readMember(String name, InstanceInfo.Builder instance)
      throws MalformedDocumentException {
    switch (name) {
      case "instanceId" -> instance.instanceId(text());
      case "hostName" -> instance.hostName(text());
      case "app" -> instance.app(internedUpperCase());
      case "ipAddr" -> instance.ipAddr(text());
      case "sid" -> instance.sid(text());
      case "status" -> instance.status(InstanceStatus.of(text()));
      case "overriddenStatus", "overriddenstatus" ->
        instance.overriddenStatus(InstanceStatus.of(text()));
      case "port" -> instance.port(port(PortInfo.DEFAULT_PLAIN));
      case "securePort" -> instance.securePort(port(PortInfo.DEFAULT_SECURE));
      case "countryId" -> instance.countryId(intNumber());
      case "dataCenterInfo" -> instance.dataCenterInfo(dataCenter());
      case "leaseInfo" -> instance.leaseInfo(lease());
      case "metadata" -> instance.metadata(stringMap());
      case "appGroupName" -> instance.appGroupName(internedUpperCase());
      case "homePageUrl" -> instance.homePageUrl(text());
      case "statusPageUrl" -> instance.statusPageUrl(text());
      case "healthCheckUrl" -> instance.healthCheckUrl(text());
      case "secureHealthCheckUrl" -> instance.secureHealthCheckUrl(text());
      case "vipAddress" -> instance.vipAddress(interner.intern(text()));
      case "secureVipAddress" -> instance.secureVipAddress(interner.intern(text()));
      case "isCoordinatingDiscoveryServer" -> instance.isCoordinatingDiscoveryServer(flag());
      case "lastUpdatedTimestamp" -> instance.lastUpdatedMs(longNumber());
      case "lastDirtyTimestamp" -> instance.lastDirtyMs(longNumber());
      case "actionType" -> instance.actionType(ActionType.named(text()));
      case "asgName" -> instance.asgName(interner.intern(text()));
      default -> parser.skipChildren();
    }
  }

  /** Reads an upper-case name; converted here, so that the interned string is the final one. */
  private String internedUpperCase() throws MalformedDocumentException {
    return interner.intern(text().toUpperCase(Locale.ROOT));
  }

  /** Reads {@code {"$":8080,"@enabled":"true"}}, or a bare number as written by some clients. */
  private PortInfo port(PortInfo defaultPort) throws MalformedDocumentException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return new PortInfo(intNumber(), defaultPort.isEnabled());
    }
    int port = defaultPort.port();
    boolean isEnabled = defaultPort.isEnabled();
    for (String name = nextMember(); name != null; name = nextMember()) {
      switch (name) {
        case "$" -> port = intNumber();
        case "@enabled" -> isEnabled = flag();
        default -> parser.skipChildren();
      }
    }
    return new PortInfo(port, isEnabled);
  }

  /**
   * Reads a data center by its type, or by its name if the type is absent. The reference refuses
   * the latter, but hand-written clients need it (spec §6.2).
   */
  private DataCenterInfo dataCenter() throws MalformedDocumentException {
    expectObject("a dataCenterInfo object");
    String type = null;
    String name = null;
    Map<String, String> metadata = null;
    for (String member = nextMember(); member != null; member = nextMember()) {
      switch (member) {
        case "@class" -> type = text();
        case "name" -> name = text();
        case "metadata" -> metadata = stringMap();
        default -> parser.skipChildren();
      }
    }
    if (type == null ? name == null : !FieldNames.isDataCenterClass(type)) {
      throw unexpected("a data center \"@class\", got " + type, parser);
    }
    if (name != null && !DataCenterInfo.isKnown(name)) {
      throw unexpected("Amazon, MyOwn or Netflix as data center name, got " + name, parser);
    }
    return dataCenterOf(type, name, metadata);
  }

  private DataCenterInfo dataCenterOf(
      @Nullable String type, @Nullable String name, @Nullable Map<String, String> metadata)
      throws MalformedDocumentException {
    if (FieldNames.AMAZON_CLASS.equals(type)) {
      if (metadata == null) {
        throw unexpected("metadata of the Amazon data center", parser);
      }
      return DataCenterInfo.amazon(metadata);
    }
    return DataCenterInfo.of(name, metadata == null ? Map.of() : metadata);
  }

  private LeaseInfo lease() throws MalformedDocumentException {
    expectObject("a leaseInfo object");
    int intervalSecs = 0;
    int durationSecs = 0;
    long registrationMs = 0;
    long lastRenewalMs = 0;
    long evictionMs = 0;
    long serviceUpMs = 0;
    for (String name = nextMember(); name != null; name = nextMember()) {
      switch (name) {
        case "renewalIntervalInSecs" -> intervalSecs = intNumber();
        case "durationInSecs" -> durationSecs = intNumber();
        case "registrationTimestamp" -> registrationMs = longNumber();
        case "lastRenewalTimestamp" -> lastRenewalMs = longNumber();
        case "evictionTimestamp" -> evictionMs = longNumber();
        case "serviceUpTimestamp" -> serviceUpMs = longNumber();
        default -> parser.skipChildren();
      }
    }
    return new LeaseInfo(
        intervalSecs, durationSecs, registrationMs, lastRenewalMs, evictionMs, serviceUpMs);
  }

  /** Reads an object of scalars as text; a null in it becomes {@code "null"} (spec §6.1 row 13). */
  private Map<String, String> stringMap() throws MalformedDocumentException {
    expectObject("a metadata object");
    Map<String, String> entries = new LinkedHashMap<>();
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      parser.nextToken();
      entries.put(key, interner.intern(text()));
      if (entries.size() > DocumentLimits.METADATA_ENTRIES_MAX) {
        throw unexpected(
            "at most " + DocumentLimits.METADATA_ENTRIES_MAX + " metadata entries", parser);
      }
    }
    return interner.intern(entries);
  }

  /** Moves to the next member that is not null; returns null at the end of the object. */
  @Nullable
  String nextMember() {
    String name = parser.nextName();
    while (name != null && parser.nextToken() == JsonToken.VALUE_NULL) {
      name = parser.nextName();
    }
    return name;
  }

  String text() throws MalformedDocumentException {
    if (!parser.currentToken().isScalarValue()) {
      throw unexpected("text", parser);
    }
    return parser.getString();
  }

  int intNumber() throws MalformedDocumentException {
    long number = longNumber();
    if (number != (int) number) {
      throw unexpected("a 32-bit number, got " + number, parser);
    }
    return (int) number;
  }

  /** Reads a number or a string of decimal digits. */
  long longNumber() throws MalformedDocumentException {
    try {
      return parser.currentToken().isNumeric()
          ? parser.getLongValue()
          : Long.parseLong(text().strip());
    } catch (InputCoercionException | NumberFormatException e) {
      throw unexpected("a whole number, got \"" + parser.getString() + "\"", parser);
    }
  }

  /**
   * Reads {@code true} or {@code "true"}; anything else is false, including {@code "TRUE"} (row 8).
   */
  private boolean flag() throws MalformedDocumentException {
    return text().equals("true");
  }

  private void expectObject(String expected) throws MalformedDocumentException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw unexpected(expected, parser);
    }
  }

  /** Returns an exception for the current token. */
  static MalformedDocumentException unexpected(String expected, JsonParser parser) {
    return new MalformedDocumentException(
        "expected " + expected + ", found " + parser.currentToken(),
        Math.max(0, parser.currentTokenLocation().getByteOffset()));
  }
}
