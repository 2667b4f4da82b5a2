// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/** What was found beside the driver's own measurement, by measure; any thread. */
final class MetricValues {
  private final Map<String, Double> values = new ConcurrentHashMap<>();

  /** Sets a figure, in the measure's unit. */
  void put(String measure, double value) {
    values.put(measure, value);
  }

  /** Sets a count. */
  void put(String measure, long count) {
    put(measure, (double) count);
  }

  /** Sets a figure unless a greater one stands there. */
  void putGreatest(String measure, double value) {
    values.merge(measure, value, Math::max);
  }

  OptionalDouble value(String measure) {
    Double value = values.get(measure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
