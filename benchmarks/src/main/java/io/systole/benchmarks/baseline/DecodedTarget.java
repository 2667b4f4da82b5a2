// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request target decoded to strings.
 *
 * @param segments of the path between slashes; the first is empty
 * @param parameters values of the query by name
 */
public record DecodedTarget(List<String> segments, Map<String, List<String>> parameters) {
  /** Decodes a path with its query. */
  public static DecodedTarget of(String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    return new DecodedTarget(List.of(decoder.path().split("/", -1)), decoder.parameters());
  }

  /**
   * Returns whether this is below {@code /v2/apps}, with an application and optionally an instance.
   */
  boolean isAppsResource() {
    return (segments.size() == 4 || hasId())
        && segments.get(1).equals("v2")
        && segments.get(2).equals("apps");
  }

  /** Returns whether the target has an instance id. */
  boolean hasId() {
    return segments.size() == 5;
  }

  public String app() {
    return segments.get(3);
  }

  public String id() {
    return segments.get(4);
  }

  /**
   * Returns the dirty timestamp of the client, epoch ms, or null if absent.
   *
   * @throws NumberFormatException if it is not a number
   */
  public @Nullable Long dirtyTimestampMs() {
    List<String> values = parameters.get("lastDirtyTimestamp");
    return values == null ? null : Long.valueOf(values.get(0));
  }
}
