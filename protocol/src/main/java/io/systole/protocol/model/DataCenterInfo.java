// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data center of an instance (spec §6.2).
 *
 * @param name {@code Amazon}, {@code MyOwn} or {@code Netflix}; null if the document has none,
 *     which a registration must not
 * @param metadata Amazon's metadata of the machine, in order; empty for the other names
 */
public record DataCenterInfo(@Nullable String name, Map<String, String> metadata) {
  public static final String AMAZON_NAME = "Amazon";
  private static final String MY_OWN_NAME = "MyOwn";
  private static final String NETFLIX_NAME = "Netflix";
  private static final String INSTANCE_ID = "instance-id";

  /** The usual value outside Amazon; shared. */
  public static final DataCenterInfo MY_OWN = new DataCenterInfo(MY_OWN_NAME, Map.of());

  public static final DataCenterInfo NETFLIX = new DataCenterInfo(NETFLIX_NAME, Map.of());

  /**
   * Creates a value with a copy of the metadata.
   *
   * @throws IllegalArgumentException if the name is none of the three
   */
  public DataCenterInfo {
    if (name != null && !isKnown(name)) {
      throw new IllegalArgumentException(
          "data center name must be Amazon, MyOwn or Netflix, got " + name);
    }
    metadata = AMAZON_NAME.equals(name) ? StringMap.copyOf(metadata) : Map.of();
  }

  /**
   * Returns the data center of this name; shared unless it is Amazon.
   *
   * @throws IllegalArgumentException if the name is none of the three
   */
  public static DataCenterInfo of(@Nullable String name, Map<String, String> metadata) {
    if (MY_OWN_NAME.equals(name)) {
      return MY_OWN;
    }
    return NETFLIX_NAME.equals(name) ? NETFLIX : new DataCenterInfo(name, metadata);
  }

  /** Returns an Amazon data center with a copy of the metadata. */
  public static DataCenterInfo amazon(Map<String, String> metadata) {
    return new DataCenterInfo(AMAZON_NAME, metadata);
  }

  /** Returns whether this is one of the three names, case-sensitive. */
  public static boolean isKnown(String name) {
    return name.equals(AMAZON_NAME) || name.equals(MY_OWN_NAME) || name.equals(NETFLIX_NAME);
  }

  public boolean isAmazon() {
    return AMAZON_NAME.equals(name);
  }

  /** Returns Amazon's id of the machine, or null. */
  public @Nullable String instanceId() {
    return metadata.get(INSTANCE_ID);
  }

  /** Returns a copy with Amazon's id of the machine set, as a registration does (spec §3.1). */
  public DataCenterInfo withInstanceId(String instanceId) {
    Map<String, String> withId = new LinkedHashMap<>();
    withId.put(INSTANCE_ID, instanceId);
    metadata.forEach(withId::putIfAbsent);
    return new DataCenterInfo(name, withId);
  }
}
