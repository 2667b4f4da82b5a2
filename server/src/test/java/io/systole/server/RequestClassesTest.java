// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.RequestClass;
import io.systole.server.route.Router.RouteInfo;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The requests that an overloaded node may refuse. */
class RequestClassesTest {
  @Test
  void classOf_everyRoute_isRefusedOnlyIfListed() throws IOException, HttpParseException {
    try (HeartbeatServer server =
        new HeartbeatServer(ConfigParser.read(Map.of(), Map.of()), new ManualClock())) {
      Map<String, RequestClass> refused = new TreeMap<>();
      for (RouteInfo info : server.router().resources()) {
        for (HttpMethod method : info.methods()) {
          byte[] path = info.template().getBytes(StandardCharsets.US_ASCII);
          RequestClass found = server.router().classOf(method, path, 0, path.length);
          if (found != RequestClass.CRITICAL && info.template().startsWith("/v2/")) {
            refused.put(method + " " + info.template().substring("/v2".length()), found);
          }
        }
      }

      assertThat(refused)
          .isEqualTo(Map.of(
              "GET /apps", RequestClass.FULL_FETCH,
              "GET /apps/delta", RequestClass.DELTA,
              "GET /apps/{app}", RequestClass.FULL_FETCH,
              "GET /apps/{app}/{id}", RequestClass.DELTA,
              "GET /instances/{id}", RequestClass.DELTA,
              "GET /vips/{vip}", RequestClass.FULL_FETCH,
              "GET /svips/{vip}", RequestClass.FULL_FETCH,
              "POST /apps/{app}", RequestClass.REGISTRATION,
              "PUT /apps/{app}/{id}/metadata", RequestClass.REGISTRATION,
              "POST /peerreplication/batch", RequestClass.REGISTRATION));
    }
  }
}
