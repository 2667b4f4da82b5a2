// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.api.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        option("connections=1000001", options -> options.connections(1_000_001)),
        option("inFlightMax=0", options -> options.inFlightMax(0)),
        option("inFlightMax=65537", options -> options.inFlightMax(65_537)),
        option("changesInFlightMax=1", options -> options.loops(2).changesInFlightMax(1)),
        option("changesPerSecMax=-1", options -> options.changesPerSecMax(-1)),
        option("changesPerSecMax=1", options -> options.loops(2).changesPerSecMax(1)),
        option("changesPerSecMax=1000001", options -> options.changesPerSecMax(1_000_001)),
        option("retryDelay min=PT0S", options -> options.retryDelay(ms(0), ms(10))),
        option("retryDelay min=PT0.011S", options -> options.retryDelay(ms(11), ms(10))),
        option("retryDelay max=PT1H0.001S", options -> options.retryDelay(ms(1), ms(3_600_001))),
        option("beatsPerWriteMax=0", options -> options.beatsPerWriteMax(0)),
        option("interval=PT-0.001S", options -> options.interval(ms(-1))),
        option("interval=PT24H0.001S", options -> options.interval(ms(86_400_001))),
        option("jitter=PT-0.001S", options -> options.jitter(ms(-1))),
        option("responseTimeout=PT0S", options -> options.responseTimeout(ms(0))),
        option("connectTimeout=PT0S", options -> options.connectTimeout(ms(0))),
        option("reconnectDelay min=PT0S", options -> options.reconnectDelay(ms(0), ms(10))),
        option("reconnectDelay min=PT0.011S", options -> options.reconnectDelay(ms(11), ms(10))),
        option("closeTimeout=PT-0.001S", options -> options.closeTimeout(ms(-1))),
        option("responseBodyBytesMax=-1", options -> options.responseBodyBytesMax(-1)),
        option("overdueMax=0", options -> options.overdueMax(0)),
        option("overdueMax=65537", options -> options.overdueMax(65_537)),
        option("refusalsMax=0", options -> options.refusalsMax(0)),
        option("refusalsMax=65537", options -> options.refusalsMax(65_537)),
        option("returnDelay=PT-0.001S", options -> options.returnDelay(ms(-1))),
        option("returnDelay=PT24H0.001S", options -> options.returnDelay(ms(86_400_001))),
        option("retryAfterMax=PT-0.001S", options -> options.retryAfterMax(ms(-1))),
        option("retryAfterMax=PT1H0.001S", options -> options.retryAfterMax(ms(3_600_001))),
        option("connectionAgeMax=PT-0.001S", options -> options.connectionAgeMax(ms(-1))),
        option("connectionAgeMax=PT24H0.001S", options -> options.connectionAgeMax(ms(86_400_001))),
        option("bulkWindow=PT-0.001S", options -> options.bulkWindow(ms(-1))),
        option("bulkWindow=PT1M0.001S", options -> options.bulkWindow(ms(60_001))),
        option(
            "responseBodyBytesMax=4095",
            options -> options.bulkWindow(ms(1)).responseBodyBytesMax(4_095)),
        option("memberInterval=PT-0.001S", options -> options.memberInterval(ms(-1))),
        option("memberInterval=PT24H0.001S", options -> options.memberInterval(ms(86_400_001))),
        option("servers=65", options -> options.servers(urls(65))),
        option("servers=66", options -> options.servers(urls(64)).zone("b", more(2))));
  }

  @Test
  void build_framesWithAConnectionForEachInstance_throws() {
    ClientBuilder options = new ClientBuilder()
        .server(URI.create("http://127.0.0.1:9/v2"))
        .bulkWindow(ms(500))
        .connectionPerInstance(true);

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bulkWindow=500 ms contradicts connectionPerInstance");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void build_optionOutOfRange_throwsWithName(String name, UnaryOperator<ClientBuilder> setting) {
    ClientBuilder options = new ClientBuilder().server(URI.create("http://127.0.0.1:9/v2"));

    assertThatThrownBy(() -> setting.apply(options).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name + " is not within ");
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
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
  void server_invalidUrl_throws(String url) {
    assertThatThrownBy(() -> new ClientBuilder().server(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(url);
  }

  @Test
  void server_portOutOfRange_throwsWithName() {
    assertThatThrownBy(() -> new ClientBuilder().server(URI.create("http://h:99999/v2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port of server http://h:99999/v2 is not within 1..65535");
  }

  @Test
  void option_outOfRange_throwsAtOnce() {
    ClientBuilder options = new ClientBuilder();

    assertThatThrownBy(() -> options.connections(0))
        .hasMessage("connections=0 is not within 1..1000000");
    assertThatThrownBy(() -> options.interval(Duration.ofDays(2)))
        .hasMessage("interval=PT48H is not within PT0S..PT24H");
  }

  @Test
  @SuppressWarnings("NullAway") // Simulates a caller without null checks.
  void option_null_throwsWithName() {
    ClientBuilder options = new ClientBuilder();

    assertThatThrownBy(() -> options.server(null)).hasMessage("server");
    assertThatThrownBy(() -> options.servers(null)).hasMessage("servers");
    assertThatThrownBy(() -> options.zone(null, List.of())).hasMessage("name");
    assertThatThrownBy(() -> options.responseTimeout(null)).hasMessage("responseTimeout");
    assertThatThrownBy(() -> options.tls(null)).hasMessage("tls");
    assertThatThrownBy(() -> options.listener(null)).hasMessage("listener");
    assertThatThrownBy(() -> options.observers(null)).hasMessage("observers");
    assertThatThrownBy(() -> options.clock(null)).hasMessage("clock");
  }

  @Test
  void build_noServer_throws() {
    assertThatThrownBy(() -> new ClientBuilder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("servers=0 is not within 1..64");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h:80/v2,http://h/v2/",
    "http://H/v2,http://h/v2",
    "http://h/v2,http://user:password@h/v2"
  })
  void build_serverGivenTwice_throws(String first, String second) {
    ClientBuilder options = new ClientBuilder()
        .zone("a", List.of(URI.create(first)))
        .zone("b", List.of(URI.create(second)));

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("server http://h:80/v2 is given twice");
  }

  @Test
  void build_zoneWithoutServers_throws() {
    ClientBuilder options = new ClientBuilder().servers(urls(1)).zone("b", List.of());

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("zone b has no server");
  }

  @Test
  void build_invalidTlsFile_throwsWithPath(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("ca.pem"), "no certificate");
    ClientBuilder options = new ClientBuilder()
        .server(URI.create("https://127.0.0.1:9/v2"))
        .tls(TlsFiles.trusting(file));

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }
}
