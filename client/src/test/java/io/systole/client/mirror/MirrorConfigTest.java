// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
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
        bad("intervalMs=0", builder -> builder.intervalMs(0)),
        bad("streamCheckMs=0", builder -> builder.streamCheckMs(0)),
        bad("streamSilenceMs=1", builder -> builder.streamSilenceMs(1)),
        bad("connectTimeoutMs=0", builder -> builder.connectTimeoutMs(0)),
        bad("answerTimeoutMs=3600001", builder -> builder.answerTimeoutMs(3_600_001)),
        bad("retryMinMs=2", builder -> builder.retryMs(2, 1)),
        bad("retryMaxMs=3600001", builder -> builder.retryMs(1, 3_600_001)),
        bad("bodyBytesMax=1023", builder -> builder.bodyBytesMax(1_023)),
        bad("lossShareMax=1.5", builder -> builder.lossShareMax(1.5)),
        bad("lossShareMax=NaN", builder -> builder.lossShareMax(Double.NaN)),
        bad("lossHoldMs=-1", builder -> builder.lossHoldMs(-1)),
        bad("staleMs=0", builder -> builder.staleMs(0)),
        bad("servers is empty", builder -> builder.servers(List.of())));
  }

  private static Arguments bad(String message, UnaryOperator<MirrorBuilder> option) {
    return Arguments.of(message, option);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void build_optionOutOfItsRange_namesIt(String message, UnaryOperator<MirrorBuilder> option) {
    MirrorBuilder builder = RegistryMirror.builder().server(URI.create("http://127.0.0.1:1/v2"));

    assertThatThrownBy(() -> option.apply(builder).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
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
  void server_thatIsNoServiceUrl_isRefusedWithoutTellingSecrets(String url) {
    assertThatThrownBy(() -> MirrorServer.of(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("server must")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void server_takenApart_joinsPathsAndHidesCredentials() {
    MirrorServer server = MirrorServer.of(URI.create("HTTPS://a:b@[::1]:8443/eureka//"));

    assertThat(server.at("/apps")).isEqualTo(URI.create("https://[::1]:8443/eureka/apps"));
    assertThat(server.authorization()).isEqualTo("Basic YTpi");
    assertThat(server.toString()).isEqualTo("https://[::1]:8443/eureka");
  }
}
