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
 * The simulated instances. Each is a number; its document, as large as those of Spring
 * applications, is built from the number on demand.
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

  /** Quotes and punctuation of a JSON member. */
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
   * Creates a fleet.
   *
   * @param durationSecs lease duration that each instance requests
   */
  public Fleet(int applications, int intervalMs, int durationSecs) {
    this(applications, intervalMs, durationSecs, 0, 0);
  }

  /**
   * Creates a fleet whose documents carry additional metadata.
   *
   * @param durationSecs lease duration that each instance requests
   * @param first number of the first instance
   * @param metadataBytes approximate size of the additional metadata per document
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

  /**
   * Returns the interval at which an instance must renew to keep its lease, ms: a third of the
   * duration.
   */
  int keepAliveMs() {
    return MS_PER_SEC * lease.durationSecs() / INTERVALS_PER_DURATION;
  }

  /** Returns the name of an application, which is also its VIP address. */
  public static String application(int index) {
    return APPLICATION + index;
  }

  /** Returns the number of the instance with this id; empty if it is not of a fleet. */
  public static OptionalInt indexOf(String instanceId) {
    int end = instanceId.indexOf(':');
    if (!instanceId.startsWith(ID) || end < 0) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseUnsignedInt(instanceId, ID.length(), end, 10));
    } catch (NumberFormatException e) {
      // The id of a foreign instance with the same prefix.
      return OptionalInt.empty();
    }
  }

  /**
   * Returns the supplier of an instance's documents.
   *
   * @param index counted from the first of the fleet; both together 0..10_000_000
   */
  public InstanceSupplier source(int index) {
    return lastDirtyMs -> instance(first + index, lastDirtyMs);
  }

  /**
   * Returns the metadata of an instance: the same each time, and compressible by a quarter at most.
   */
  private Map<String, String> metadata(int index) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("management.port", Integer.toString(PORT));
    SplittableRandom random = new SplittableRandom(index);
    int remaining = metadataBytes;
    while (remaining > 0) {
      String name = METADATA + metadata.size();
      int overhead = name.length() + METADATA_ENTRY_CHARS;
      int chars = Math.max(1, Math.min(remaining - overhead, METADATA_VALUE_CHARS_MAX));
      StringBuilder value = new StringBuilder(chars);
      while (value.length() < chars) {
        value.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      metadata.put(name, value.toString());
      remaining -= chars + overhead;
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
