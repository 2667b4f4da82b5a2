// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A registered instance (spec §6.1), including the server's timestamps.
 *
 * <p>Immutable; {@link #toBuilder()} creates a changed copy. Optional text is null if absent.
 * Members are in the order of the specification. To save memory, defaults and equal texts are
 * shared, ports are stored as primitives, and texts that are unique to an instance are packed, so
 * each read of them creates a new string.
 */
public final class InstanceInfo {
  /** The type marker of the reference, which some encoders add to the metadata (spec §6.1). */
  private static final String TYPE_MARKER = "@class";

  // Indices in the packed addresses.
  private static final int HOST_NAME = 0;
  private static final int IP_ADDR = 1;
  private static final int HOME_PAGE_URL = 2;
  private static final int STATUS_PAGE_URL = 3;
  private static final int HEALTH_CHECK_URL = 4;
  private static final int SECURE_HEALTH_CHECK_URL = 5;

  private final @Nullable String instanceId;
  private final String app;

  /** The host, IP and page addresses as {@link PackedStrings}. */
  private final byte[] addresses;

  private final @Nullable String sid;
  private final InstanceStatus status;
  private final InstanceStatus overriddenStatus;
  private final int port;
  private final boolean isPortEnabled;
  private final int securePort;
  private final boolean isSecurePortEnabled;
  private final int countryId;
  private final @Nullable DataCenterInfo dataCenterInfo;
  private final LeaseInfo leaseInfo;
  private final Map<String, String> metadata;
  private final @Nullable String appGroupName;
  private final @Nullable String vipAddress;
  private final @Nullable String secureVipAddress;
  private final boolean isCoordinatingDiscoveryServer;
  private final long lastUpdatedMs;
  private final long lastDirtyMs;
  private final @Nullable ActionType actionType;
  private final @Nullable String asgName;

  /** 0 until computed; racing threads compute the same value. */
  private int sizeBytes;

  private InstanceInfo(Builder builder) {
    instanceId = WellFormedText.wellFormedOrNull(builder.instanceId);
    app = WellFormedText.wellFormed(builder.app).toUpperCase(Locale.ROOT);
    addresses = builder.addresses == null ? packedAddresses(builder) : builder.addresses;
    sid = isNoSid(builder.sid) ? null : WellFormedText.wellFormedOrNull(builder.sid);
    status = builder.status;
    overriddenStatus = builder.overriddenStatus;
    port = builder.port.port();
    isPortEnabled = builder.port.isEnabled();
    securePort = builder.securePort.port();
    isSecurePortEnabled = builder.securePort.isEnabled();
    countryId = builder.countryId;
    dataCenterInfo = builder.dataCenterInfo;
    leaseInfo = builder.leaseInfo.equals(LeaseInfo.DEFAULT) ? LeaseInfo.DEFAULT : builder.leaseInfo;
    metadata = withoutTypeMarker(builder.metadata);
    appGroupName = upperOrNull(WellFormedText.wellFormedOrNull(builder.appGroupName));
    vipAddress = WellFormedText.wellFormedOrNull(builder.vipAddress);
    secureVipAddress =
        shared(vipAddress, WellFormedText.wellFormedOrNull(builder.secureVipAddress));
    isCoordinatingDiscoveryServer = builder.isCoordinatingDiscoveryServer;
    lastUpdatedMs = builder.lastUpdatedMs;
    lastDirtyMs = builder.lastDirtyMs;
    actionType = builder.actionType;
    asgName = WellFormedText.wellFormedOrNull(builder.asgName);
  }

  /**
   * Returns a builder with the defaults of spec §6.1 and the data center {@code MyOwn}, since a
   * registration without data center is refused (spec §3.1). A registration also requires an
   * application, a host name and an IP address; the id defaults to the host name.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder with the values of this instance. */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.instanceId = instanceId;
    copy.app = app;
    copy.addresses = addresses;
    copy.sid = sid;
    copy.status = status;
    copy.overriddenStatus = overriddenStatus;
    copy.port = port();
    copy.securePort = securePort();
    copy.countryId = countryId;
    copy.dataCenterInfo = dataCenterInfo;
    copy.leaseInfo = leaseInfo;
    copy.metadata = metadata;
    copy.appGroupName = appGroupName;
    copy.vipAddress = vipAddress;
    copy.secureVipAddress = secureVipAddress;
    copy.isCoordinatingDiscoveryServer = isCoordinatingDiscoveryServer;
    copy.lastUpdatedMs = lastUpdatedMs;
    copy.lastDirtyMs = lastDirtyMs;
    copy.actionType = actionType;
    copy.asgName = asgName;
    return copy;
  }

  /**
   * Returns the effective id, which identifies the instance within its application: the instance
   * id, else Amazon's id, else the host name (spec §1.3). Empty if it has none of them.
   */
  public String id() {
    if (instanceId != null && !instanceId.isEmpty()) {
      return instanceId;
    }
    String amazonId = dataCenterInfo == null ? null : dataCenterInfo.instanceId();
    if (amazonId != null && !amazonId.isEmpty()) {
      return amazonId;
    }
    String hostName = hostName();
    return hostName == null ? "" : hostName;
  }

  /**
   * Returns the key of the lease of this instance.
   *
   * @throws IllegalArgumentException if application or id is empty, which
   *     {@link RegistrationValidator} excludes
   */
  public InstanceKey key() {
    return new InstanceKey(app, id());
  }

  /** Returns the id as sent, or null; {@link #id()} is the effective one. */
  public @Nullable String instanceId() {
    return instanceId;
  }

  /** Returns the host name, or null; never empty. */
  public @Nullable String hostName() {
    return PackedStrings.at(HOST_NAME, addresses);
  }

  /** Returns the application name, upper case; may be empty before validation. */
  public String app() {
    return app;
  }

  public @Nullable String ipAddr() {
    return PackedStrings.at(IP_ADDR, addresses);
  }

  /** Returns the legacy {@code sid}, or null if absent, {@code na} or {@code unknown}. */
  public @Nullable String sid() {
    return sid;
  }

  public InstanceStatus status() {
    return status;
  }

  /** Returns the status override; UNKNOWN if none. */
  public InstanceStatus overriddenStatus() {
    return overriddenStatus;
  }

  public PortInfo port() {
    return new PortInfo(port, isPortEnabled);
  }

  public PortInfo securePort() {
    return new PortInfo(securePort, isSecurePortEnabled);
  }

  public int countryId() {
    return countryId;
  }

  public @Nullable DataCenterInfo dataCenterInfo() {
    return dataCenterInfo;
  }

  public LeaseInfo leaseInfo() {
    return leaseInfo;
  }

  /** Returns the metadata, in order; immutable, without {@code @class}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Returns the application group, upper case, or null. */
  public @Nullable String appGroupName() {
    return appGroupName;
  }

  public @Nullable String homePageUrl() {
    return PackedStrings.at(HOME_PAGE_URL, addresses);
  }

  public @Nullable String statusPageUrl() {
    return PackedStrings.at(STATUS_PAGE_URL, addresses);
  }

  public @Nullable String healthCheckUrl() {
    return PackedStrings.at(HEALTH_CHECK_URL, addresses);
  }

  public @Nullable String secureHealthCheckUrl() {
    return PackedStrings.at(SECURE_HEALTH_CHECK_URL, addresses);
  }

  /** Returns the virtual host names, comma-separated, or null. */
  public @Nullable String vipAddress() {
    return vipAddress;
  }

  public @Nullable String secureVipAddress() {
    return secureVipAddress;
  }

  public boolean isCoordinatingDiscoveryServer() {
    return isCoordinatingDiscoveryServer;
  }

  /** Returns the time of the server's last change of the instance, epoch ms. */
  public long lastUpdatedMs() {
    return lastUpdatedMs;
  }

  /** Returns the dirty timestamp, epoch ms: the instance's version of its document. */
  public long lastDirtyMs() {
    return lastDirtyMs;
  }

  /** Returns the kind of the last change, or null before registration. */
  public @Nullable ActionType actionType() {
    return actionType;
  }

  public @Nullable String asgName() {
    return asgName;
  }

  /**
   * Returns an estimate of the memory used by the texts of this instance: ids, names, addresses,
   * virtual host names, and the metadata of instance and data center. A text counts its bytes in
   * UTF-8 or its characters in memory, whichever is more, plus a fixed overhead of 24 bytes; the
   * six host and page addresses are packed and count as one text. Members of fixed size are not
   * included. Computed once in O(text).
   */
  public int sizeBytes() {
    int size = sizeBytes;
    if (size == 0) {
      size = WellFormedText.sizeBytes(instanceId)
          + WellFormedText.sizeBytes(app)
          + WellFormedText.OVERHEAD_BYTES
          + addresses.length
          + WellFormedText.sizeBytes(sid)
          + (dataCenterInfo == null ? 0 : WellFormedText.sizeBytes(dataCenterInfo.metadata()))
          + WellFormedText.sizeBytes(metadata)
          + WellFormedText.sizeBytes(appGroupName)
          + WellFormedText.sizeBytes(vipAddress)
          + WellFormedText.sizeBytes(secureVipAddress)
          + WellFormedText.sizeBytes(asgName);
      sizeBytes = size;
    }
    return size;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof InstanceInfo that && Arrays.equals(members(), that.members());
  }

  @Override
  public int hashCode() {
    return Objects.hash(app, id(), lastDirtyMs, lastUpdatedMs, status);
  }

  @Override
  public String toString() {
    return "InstanceInfo" + Arrays.toString(members());
  }

  private @Nullable Object[] members() {
    return new @Nullable Object[] {
      instanceId,
      hostName(),
      app,
      ipAddr(),
      sid,
      status,
      overriddenStatus,
      port(),
      securePort(),
      countryId,
      dataCenterInfo,
      leaseInfo,
      metadata,
      appGroupName,
      homePageUrl(),
      statusPageUrl(),
      healthCheckUrl(),
      secureHealthCheckUrl(),
      vipAddress,
      secureVipAddress,
      isCoordinatingDiscoveryServer,
      lastUpdatedMs,
      lastDirtyMs,
      actionType,
      asgName
    };
  }

  private static byte[] packedAddresses(Builder builder) {
    return PackedStrings.pack(
        emptyToNull(WellFormedText.wellFormedOrNull(builder.hostName)),
        WellFormedText.wellFormedOrNull(builder.ipAddr),
        WellFormedText.wellFormedOrNull(builder.homePageUrl),
        WellFormedText.wellFormedOrNull(builder.statusPageUrl),
        WellFormedText.wellFormedOrNull(builder.healthCheckUrl),
        WellFormedText.wellFormedOrNull(builder.secureHealthCheckUrl));
  }

  private static @Nullable String emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable String upperOrNull(@Nullable String text) {
    return text == null ? null : text.toUpperCase(Locale.ROOT);
  }

  private static boolean isNoSid(@Nullable String sid) {
    return "na".equals(sid) || "unknown".equals(sid);
  }

  private static @Nullable String shared(@Nullable String first, @Nullable String second) {
    return second != null && second.equals(first) ? first : second;
  }

  private static Map<String, String> withoutTypeMarker(Map<String, String> metadata) {
    if (!metadata.containsKey(TYPE_MARKER)) {
      return StringMap.copyOf(metadata);
    }
    Map<String, String> data = new LinkedHashMap<>(metadata);
    data.remove(TYPE_MARKER);
    return StringMap.copyOf(data);
  }

  /**
   * A builder of instances. {@link #build()} converts the application and its group to upper case
   * and an empty host name to null (spec §6.1 rows 2, 3 and 14). Not thread-safe.
   */
  public static final class Builder {
    private static final int PORT_MAX = 65_535;

    private @Nullable String instanceId;
    private @Nullable String hostName;
    private String app = "";
    private @Nullable String ipAddr;
    private @Nullable String sid;
    private InstanceStatus status = InstanceStatus.UP;
    private InstanceStatus overriddenStatus = InstanceStatus.UNKNOWN;
    private PortInfo port = PortInfo.DEFAULT_PLAIN;
    private PortInfo securePort = PortInfo.DEFAULT_SECURE;
    private int countryId = 1;
    private @Nullable DataCenterInfo dataCenterInfo = DataCenterInfo.MY_OWN;
    private LeaseInfo leaseInfo = LeaseInfo.DEFAULT;
    private Map<String, String> metadata = Map.of();
    private @Nullable String appGroupName;
    private @Nullable String homePageUrl;
    private @Nullable String statusPageUrl;
    private @Nullable String healthCheckUrl;
    private @Nullable String secureHealthCheckUrl;
    private @Nullable String vipAddress;
    private @Nullable String secureVipAddress;
    private boolean isCoordinatingDiscoveryServer;
    private long lastUpdatedMs;
    private long lastDirtyMs;
    private @Nullable ActionType actionType;
    private @Nullable String asgName;

    /** The packed addresses of an existing instance; null once one of them is set. */
    private byte @Nullable [] addresses;

    private Builder() {}

    private void unpackAddresses() {
      if (addresses != null) {
        hostName = PackedStrings.at(HOST_NAME, addresses);
        ipAddr = PackedStrings.at(IP_ADDR, addresses);
        homePageUrl = PackedStrings.at(HOME_PAGE_URL, addresses);
        statusPageUrl = PackedStrings.at(STATUS_PAGE_URL, addresses);
        healthCheckUrl = PackedStrings.at(HEALTH_CHECK_URL, addresses);
        secureHealthCheckUrl = PackedStrings.at(SECURE_HEALTH_CHECK_URL, addresses);
        addresses = null;
      }
    }

    public Builder instanceId(@Nullable String instanceId) {
      this.instanceId = instanceId;
      return this;
    }

    public Builder hostName(@Nullable String hostName) {
      unpackAddresses();
      this.hostName = hostName;
      return this;
    }

    /**
     * Sets host name, IP address, home page, status page, health check and secure health check at
     * once, in their encoded form: for each text the number of its UTF-8 bytes plus one as a varint
     * (seven bits per byte, the lowest first, the top bit set on all but the last byte), followed
     * by its bytes; 0 for null. The UTF-8 must be well-formed.
     *
     * @param packed not copied
     */
    public Builder packedAddresses(byte[] packed) {
      addresses = packed;
      if (packed[0] == 1) {
        // Packed again by build(), which drops the empty host name.
        unpackAddresses();
      }
      return this;
    }

    public Builder app(String app) {
      this.app = Objects.requireNonNull(app, "app");
      return this;
    }

    public Builder ipAddr(@Nullable String ipAddr) {
      unpackAddresses();
      this.ipAddr = ipAddr;
      return this;
    }

    public Builder sid(@Nullable String sid) {
      this.sid = sid;
      return this;
    }

    public Builder status(InstanceStatus status) {
      this.status = Objects.requireNonNull(status, "status");
      return this;
    }

    public Builder overriddenStatus(InstanceStatus overriddenStatus) {
      this.overriddenStatus = Objects.requireNonNull(overriddenStatus, "overriddenStatus");
      return this;
    }

    public Builder port(PortInfo port) {
      this.port = Objects.requireNonNull(port, "port");
      return this;
    }

    public Builder securePort(PortInfo securePort) {
      this.securePort = Objects.requireNonNull(securePort, "securePort");
      return this;
    }

    /**
     * Sets the plain port and enables it.
     *
     * @param port 1..65_535
     * @throws IllegalArgumentException if it is not within that range
     */
    public Builder port(int port) {
      return port(enabledPort("port", port));
    }

    /**
     * Sets the secure port and enables it.
     *
     * @param port 1..65_535
     * @throws IllegalArgumentException if it is not within that range
     */
    public Builder securePort(int port) {
      return securePort(enabledPort("securePort", port));
    }

    private static PortInfo enabledPort(String member, int port) {
      if (port < 1 || port > PORT_MAX) {
        throw new IllegalArgumentException(member + "=" + port + " is not within 1.." + PORT_MAX);
      }
      return new PortInfo(port, true);
    }

    public Builder countryId(int countryId) {
      this.countryId = countryId;
      return this;
    }

    public Builder dataCenterInfo(@Nullable DataCenterInfo dataCenterInfo) {
      this.dataCenterInfo = dataCenterInfo;
      return this;
    }

    public Builder leaseInfo(LeaseInfo leaseInfo) {
      this.leaseInfo = Objects.requireNonNull(leaseInfo, "leaseInfo");
      return this;
    }

    public Builder metadata(Map<String, String> metadata) {
      this.metadata = Objects.requireNonNull(metadata, "metadata");
      return this;
    }

    public Builder appGroupName(@Nullable String appGroupName) {
      this.appGroupName = appGroupName;
      return this;
    }

    public Builder homePageUrl(@Nullable String homePageUrl) {
      unpackAddresses();
      this.homePageUrl = homePageUrl;
      return this;
    }

    public Builder statusPageUrl(@Nullable String statusPageUrl) {
      unpackAddresses();
      this.statusPageUrl = statusPageUrl;
      return this;
    }

    public Builder healthCheckUrl(@Nullable String healthCheckUrl) {
      unpackAddresses();
      this.healthCheckUrl = healthCheckUrl;
      return this;
    }

    public Builder secureHealthCheckUrl(@Nullable String secureHealthCheckUrl) {
      unpackAddresses();
      this.secureHealthCheckUrl = secureHealthCheckUrl;
      return this;
    }

    public Builder vipAddress(@Nullable String vipAddress) {
      this.vipAddress = vipAddress;
      return this;
    }

    public Builder secureVipAddress(@Nullable String secureVipAddress) {
      this.secureVipAddress = secureVipAddress;
      return this;
    }

    public Builder isCoordinatingDiscoveryServer(boolean isCoordinatingDiscoveryServer) {
      this.isCoordinatingDiscoveryServer = isCoordinatingDiscoveryServer;
      return this;
    }

    public Builder lastUpdatedMs(long lastUpdatedMs) {
      this.lastUpdatedMs = lastUpdatedMs;
      return this;
    }

    public Builder lastDirtyMs(long lastDirtyMs) {
      this.lastDirtyMs = lastDirtyMs;
      return this;
    }

    public Builder actionType(@Nullable ActionType actionType) {
      this.actionType = actionType;
      return this;
    }

    public Builder asgName(@Nullable String asgName) {
      this.asgName = asgName;
      return this;
    }

    public InstanceInfo build() {
      return new InstanceInfo(this);
    }
  }
}
