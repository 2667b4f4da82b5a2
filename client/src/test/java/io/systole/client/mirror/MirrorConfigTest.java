// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorConfigTest {
  static Stream<Arguments> outOfRange() {
    return Stream.of(
        bad("interval=PT0S is not within PT0.001S..PT24H", b -> b.interval(ms(0))),
        bad("streamCheckInterval=PT0S", b -> b.streamCheckInterval(ms(0))),
        bad("streamSilenceTimeout=PT0.001S", b -> b.streamSilenceTimeout(ms(1))),
        bad("connectTimeout=PT0S", b -> b.connectTimeout(ms(0))),
        bad("responseTimeout=PT1H0.001S", b -> b.responseTimeout(ms(3_600_001))),
        bad("retryDelay min=PT0.002S", b -> b.retryDelay(ms(2), ms(1))),
        bad("retryDelay max=PT1H0.001S", b -> b.retryDelay(ms(1), ms(3_600_001))),
        bad(
            "interval=PT2562047788015215H30M7S",
            b -> b.interval(Duration.ofSeconds(Long.MAX_VALUE))),
        bad("bodyBytesMax=1023", b -> b.bodyBytesMax(1_023)),
        bad("lossShareMax=1.5", b -> b.lossShareMax(1.5)),
        bad("lossShareMax=NaN", b -> b.lossShareMax(Double.NaN)),
        bad("lossCountMax=-1 is not within 0..1000000", b -> b.lossCountMax(-1)),
        bad("lossAcceptDelay=PT-0.001S", b -> b.lossAcceptDelay(ms(-1))),
        bad("memberInterval=PT24H0.001S", b -> b.memberInterval(ms(86_400_001))),
        bad("staleAfter=PT0S", b -> b.staleAfter(ms(0))),
        bad(
            "port of server http://h:99999/v2 is not within 1..65535",
            b -> b.server(URI.create("http://h:99999/v2"))));
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }

  private static Arguments bad(String message, UnaryOperator<MirrorBuilder> option) {
    return Arguments.of(message, option);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void option_outOfRange_throwsAtOnce(String message, UnaryOperator<MirrorBuilder> option) {
    MirrorBuilder builder = new MirrorBuilder().server(URI.create("http://127.0.0.1:1/v2"));

    assertThatThrownBy(() -> option.apply(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void build_noServer_throws() {
    assertThatThrownBy(() -> new MirrorBuilder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("servers is empty");
    assertThatThrownBy(() -> new MirrorBuilder().servers(List.of()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("servers is empty");
  }

  @Test
  @SuppressWarnings("NullAway") // Simulates a caller without null checks.
  void option_null_throwsWithName() {
    MirrorBuilder builder = new MirrorBuilder();

    assertThatThrownBy(() -> builder.server(null)).hasMessage("server");
    assertThatThrownBy(() -> builder.interval(null)).hasMessage("interval");
    assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener");
    assertThatThrownBy(() -> builder.tls(null)).hasMessage("tls");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://joe:secret@h/v2",
        "http:///v2",
        "/v2",
        "http://joe:secret@h/v2?a=b",
        "https://joe:secret@h/v2#c"
      })
  void server_invalidUrl_throwsWithoutCredentials(String url) {
    assertThatThrownBy(() -> MirrorServer.of(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("server must")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void server_parsed_hidesCredentials() {
    MirrorServer server = MirrorServer.of(URI.create("HTTPS://a:b@[::1]:8443/eureka//"));

    assertThat(server.at("/apps")).isEqualTo(URI.create("https://[::1]:8443/eureka/apps"));
    assertThat(server.authorization()).isEqualTo("Basic YTpi");
    assertThat(server.toString()).isEqualTo("https://[::1]:8443/eureka");
  }
}
