// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientConfigTest {
  private static Arguments option(String name, UnaryOperator<ClientBuilder> setting) {
    return Arguments.of(name, setting);
  }

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        option("loops=0", options -> options.loops(0)),
        option("loops=9", options -> options.loops(9).connections(8)),
        option("loops=65", options -> options.loops(65).connections(100)),
        option("connections=0", options -> options.connections(0)),
        option("connections=65537", options -> options.connections(65_537)),
        option("inFlightMax=0", options -> options.inFlightMax(0)),
        option("inFlightMax=65537", options -> options.inFlightMax(65_537)),
        option("changesInFlightMax=1", options -> options.loops(2).changesInFlightMax(1)),
        option("changesPerSecMax=-1", options -> options.changesPerSecMax(-1)),
        option("changesPerSecMax=1", options -> options.loops(2).changesPerSecMax(1)),
        option("changesPerSecMax=1000001", options -> options.changesPerSecMax(1_000_001)),
        option("retryMinMs=0", options -> options.retryMs(0, 10)),
        option("retryMinMs=11", options -> options.retryMs(11, 10)),
        option("retryMaxMs=3600001", options -> options.retryMs(1, 3_600_001)),
        option("beatsPerWriteMax=0", options -> options.beatsPerWriteMax(0)),
        option("intervalMs=-1", options -> options.intervalMs(-1)),
        option("intervalMs=86400001", options -> options.intervalMs(86_400_001)),
        option("jitterMs=-1", options -> options.jitterMs(-1)),
        option("answerTimeoutMs=0", options -> options.answerTimeoutMs(0)),
        option("connectTimeoutMs=0", options -> options.connectTimeoutMs(0)),
        option("reconnectMinMs=0", options -> options.reconnectMs(0, 10)),
        option("reconnectMinMs=11", options -> options.reconnectMs(11, 10)),
        option("closeTimeoutMs=-1", options -> options.closeTimeoutMs(-1)),
        option("answerBodyBytesMax=-1", options -> options.answerBodyBytesMax(-1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void build_optionOutOfRange_isRefusedByName(String name, UnaryOperator<ClientBuilder> setting) {
    ClientBuilder options = HeartbeatClient.builder().server(URI.create("http://127.0.0.1:9/v2"));

    assertThatThrownBy(() -> setting.apply(options).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name + " is not within ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://h/v2", "/v2", "http:///v2", "http://h/v2?a=b", "http://h/v2#f"})
  void build_noServiceUrl_isRefused(String url) {
    ClientBuilder options = HeartbeatClient.builder().server(URI.create(url));

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(url);
  }
}
