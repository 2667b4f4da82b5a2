// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
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
        option("answerBodyBytesMax=-1", options -> options.answerBodyBytesMax(-1)),
        option("overdueMax=0", options -> options.overdueMax(0)),
        option("overdueMax=65537", options -> options.overdueMax(65_537)),
        option("refusalsMax=0", options -> options.refusalsMax(0)),
        option("refusalsMax=65537", options -> options.refusalsMax(65_537)),
        option("returnMs=-1", options -> options.returnMs(-1)),
        option("returnMs=86400001", options -> options.returnMs(86_400_001)),
        option("retryAfterMsMax=-1", options -> options.retryAfterMsMax(-1)),
        option("retryAfterMsMax=3600001", options -> options.retryAfterMsMax(3_600_001)),
        option("servers=65", options -> options.servers(urls(65))),
        option("servers=66", options -> options.servers(urls(64)).zone("b", more(2))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void build_optionOutOfRange_isRefusedByName(String name, UnaryOperator<ClientBuilder> setting) {
    ClientBuilder options = HeartbeatClient.builder().server(URI.create("http://127.0.0.1:9/v2"));

    assertThatThrownBy(() -> setting.apply(options).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name + " is not within ");
  }

  private static List<URI> urls(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> URI.create("http://127.0.0.1:9/" + index))
        .toList();
  }

  private static List<URI> more(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> URI.create("http://127.0.0.1:9/more" + index))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://h/v2", "/v2", "http:///v2", "http://h/v2?a=b", "http://h/v2#f"})
  void server_noServiceUrl_isRefused(String url) {
    assertThatThrownBy(() -> HeartbeatClient.builder().server(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(url);
  }

  @Test
  void build_noServer_isRefused() {
    assertThatThrownBy(() -> HeartbeatClient.builder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("servers=0 is not within 1..64");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h:80/v2,http://h/v2/",
    "http://H/v2,http://h/v2",
    "http://h/v2,http://user:password@h/v2"
  })
  void build_serverGivenTwice_isRefused(String first, String second) {
    ClientBuilder options = HeartbeatClient.builder()
        .zone("a", List.of(URI.create(first)))
        .zone("b", List.of(URI.create(second)));

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("server http://h:80/v2 is given twice");
  }

  @Test
  void build_zoneWithoutServers_isRefused() {
    ClientBuilder options = HeartbeatClient.builder().servers(urls(1)).zone("b", List.of());

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("zone b has no server");
  }

  @Test
  void build_tlsFileThatIsNoneOfPem_isRefusedByItsPath(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("ca.pem"), "no certificate");
    ClientBuilder options =
        HeartbeatClient.builder().server(URI.create("https://127.0.0.1:9/v2")).trust(file);

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }
}
