// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/** The values of metrics that are measured outside the report. Thread-safe. */
final class MetricValues {
  private final Map<String, Double> values = new ConcurrentHashMap<>();

  /** Sets a value, in the metric's base unit. */
  void put(String metric, double value) {
    values.put(metric, value);
  }

  /** Sets a count. */
  void put(String metric, long count) {
    put(metric, (double) count);
  }

  /** Sets a value unless the current one is greater. */
  void putGreatest(String metric, double value) {
    values.merge(metric, value, Math::max);
  }

  OptionalDouble value(String metric) {
    Double value = values.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
