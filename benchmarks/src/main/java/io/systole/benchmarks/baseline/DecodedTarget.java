// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, decoded to strings.
 *
 * @param segments the path's parts between slashes; the first is empty
 * @param parameters the query's values by name
 */
public record DecodedTarget(List<String> segments, Map<String, List<String>> parameters) {
  /** Decodes a path with its query. */
  public static DecodedTarget of(String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    return new DecodedTarget(List.of(decoder.path().split("/", -1)), decoder.parameters());
  }

  /** Whether this is below {@code /v2/apps}, with an application and perhaps an instance. */
  boolean isOfApps() {
    return (segments.size() == 4 || hasId())
        && segments.get(1).equals("v2")
        && segments.get(2).equals("apps");
  }

  /** Whether an instance is named. */
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
   * What the client says it registered, epoch ms, or null if it does not say.
   *
   * @throws NumberFormatException if it says no number
   */
  public @Nullable Long dirtyTimestampMs() {
    List<String> values = parameters.get("lastDirtyTimestamp");
    return values == null ? null : Long.valueOf(values.get(0));
  }
}
