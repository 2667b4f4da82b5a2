// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance runs (spec §6.2).
 *
 * @param name {@code Amazon}, {@code MyOwn} or {@code Netflix}; null when the document had none,
 *     which no registration passes
 * @param metadata facts of the cloud, in order; empty unless the name is Amazon
 */
public record DataCenterInfo(@Nullable String name, Map<String, String> metadata) {
  public static final String AMAZON_NAME = "Amazon";
  private static final String MY_OWN_NAME = "MyOwn";
  private static final String NETFLIX_NAME = "Netflix";
  private static final String INSTANCE_ID = "instance-id";

  /** What nearly every instance outside Amazon has; shared. */
  public static final DataCenterInfo MY_OWN = new DataCenterInfo(MY_OWN_NAME, Map.of());

  public static final DataCenterInfo NETFLIX = new DataCenterInfo(NETFLIX_NAME, Map.of());

  /**
   * Makes a value with a copy of the metadata.
   *
   * @throws IllegalArgumentException when the name is none of the three
   */
  public DataCenterInfo {
    if (name != null && !isKnown(name)) {
      throw new IllegalArgumentException(
          "data center name must be Amazon, MyOwn or Netflix, got " + name);
    }
    metadata = AMAZON_NAME.equals(name) ? StringMap.copyOf(metadata) : Map.of();
  }

  /**
   * Returns the value of a name; shared unless it holds metadata.
   *
   * @throws IllegalArgumentException when the name is none of the three
   */
  public static DataCenterInfo of(@Nullable String name, Map<String, String> metadata) {
    if (MY_OWN_NAME.equals(name)) {
      return MY_OWN;
    }
    return NETFLIX_NAME.equals(name) ? NETFLIX : new DataCenterInfo(name, metadata);
  }

  /** Returns an instance's place in Amazon's cloud, with a copy of its facts. */
  public static DataCenterInfo amazon(Map<String, String> metadata) {
    return new DataCenterInfo(AMAZON_NAME, metadata);
  }

  /** Returns whether that is one of the three names, to the letter. */
  public static boolean isKnown(String name) {
    return name.equals(AMAZON_NAME) || name.equals(MY_OWN_NAME) || name.equals(NETFLIX_NAME);
  }

  public boolean isAmazon() {
    return AMAZON_NAME.equals(name);
  }

  /** Returns Amazon's own id of the machine, or null when there is none. */
  public @Nullable String instanceId() {
    return metadata.get(INSTANCE_ID);
  }

  /** Returns this with Amazon's id of the machine set, as registration does (spec §3.1). */
  public DataCenterInfo withInstanceId(String instanceId) {
    Map<String, String> withId = new LinkedHashMap<>();
    withId.put(INSTANCE_ID, instanceId);
    metadata.forEach(withId::putIfAbsent);
    return new DataCenterInfo(name, withId);
  }
}
