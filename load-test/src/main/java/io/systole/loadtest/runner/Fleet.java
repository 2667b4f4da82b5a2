// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.api.InstanceSupplier;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * The simulated instances. Each is a number; its document, as full as those of Spring applications,
 * is made from the number when it is asked for.
 */
public final class Fleet {
  private static final String APPLICATION = "load-";
  private static final String ID = "host-";
  private static final int PORT = 8080;
  private static final int DURATION_SECS_MIN = 90;
  private static final int INTERVALS_PER_DURATION = 3;
  private static final int MS_PER_SEC = 1000;
  private static final String METADATA = "load.";
  private static final int METADATA_VALUE_CHARS_MAX = 1_000;

  /** Quotes and punctuation of an entry, as JSON. */
  private static final int METADATA_ENTRY_CHARS = 6;

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final int applications;
  private final LeaseInfo lease;
  private final int first;
  private final int metadataBytes;

  Fleet(int applications, int intervalMs) {
    this(applications, intervalMs, durationSecs(intervalMs));
  }

  /** Returns the fleet of a workload. */
  static Fleet of(Workload workload) {
    return new Fleet(
        workload.applications(),
        workload.intervalMs(),
        durationSecs(workload.intervalMs()),
        workload.firstInstance(),
        workload.traffic().metadataBytes());
  }

  /**
   * Makes a fleet whose leases last as asked.
   *
   * @param durationSecs what each instance asks its lease to last
   */
  public Fleet(int applications, int intervalMs, int durationSecs) {
    this(applications, intervalMs, durationSecs, 0, 0);
  }

  /**
   * Makes a fleet whose documents have a payload.
   *
   * @param durationSecs what each instance asks its lease to last
   * @param first number of its first instance
   * @param metadataBytes by which the metadata of each document grows, roughly
   */
  public Fleet(int applications, int intervalMs, int durationSecs, int first, int metadataBytes) {
    this.first = first;
    this.metadataBytes = metadataBytes;
    this.applications = applications;
    int intervalSecs = Math.max(1, intervalMs / MS_PER_SEC);
    this.lease = new LeaseInfo(intervalSecs, durationSecs, 0, 0, 0, 0);
  }

  private static int durationSecs(int intervalMs) {
    return Math.max(DURATION_SECS_MIN, INTERVALS_PER_DURATION * (intervalMs / MS_PER_SEC));
  }

  /** Returns how often an instance has to renew its lease at least, ms. */
  int keepAliveMs() {
    return MS_PER_SEC * lease.durationSecs() / INTERVALS_PER_DURATION;
  }

  /** Returns the name of one of its applications, which is its VIP address as well. */
  public static String application(int index) {
    return APPLICATION + index;
  }

  /** Returns which instance of a fleet has this id; empty when it is none. */
  public static OptionalInt indexOf(String instanceId) {
    int end = instanceId.indexOf(':');
    if (!instanceId.startsWith(ID) || end < 0) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseUnsignedInt(instanceId, ID.length(), end, 10));
    } catch (NumberFormatException e) {
      // Somebody else's instance with a name like ours.
      return OptionalInt.empty();
    }
  }

  /**
   * Returns what makes the documents of one instance.
   *
   * @param index counted from the first of the fleet; both together 0..10_000_000
   */
  public InstanceSupplier source(int index) {
    return lastDirtyMs -> instance(first + index, lastDirtyMs);
  }

  /** The same text for the same instance at any time, which compresses to no less than 6/8. */
  private Map<String, String> metadata(int index) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("management.port", Integer.toString(PORT));
    SplittableRandom random = new SplittableRandom(index);
    int left = metadataBytes;
    while (left > 0) {
      String name = METADATA + metadata.size();
      int around = name.length() + METADATA_ENTRY_CHARS;
      int chars = Math.max(1, Math.min(left - around, METADATA_VALUE_CHARS_MAX));
      StringBuilder value = new StringBuilder(chars);
      while (value.length() < chars) {
        value.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      metadata.put(name, value.toString());
      left -= chars + around;
    }
    return metadata;
  }

  private InstanceInfo instance(int index, long lastDirtyMs) {
    String app = application(index % applications);
    String address =
        "10." + (index >> 16 & 0xFF) + "." + (index >> 8 & 0xFF) + "." + (index & 0xFF);
    String root = "http://" + address + ":" + PORT;
    return InstanceInfo.builder()
        .instanceId(ID + index + ":" + app + ":" + PORT)
        .app(app)
        .hostName(address)
        .ipAddr(address)
        .port(new PortInfo(PORT, true))
        .securePort(new PortInfo(443, false))
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .leaseInfo(lease)
        .metadata(metadata(index))
        .homePageUrl(root + "/")
        .statusPageUrl(root + "/actuator/info")
        .healthCheckUrl(root + "/actuator/health")
        .vipAddress(app)
        .secureVipAddress(app)
        .lastUpdatedMs(lastDirtyMs)
        .lastDirtyMs(lastDirtyMs)
        .build();
  }
}
