// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SecurityCheckTest {
  private static final String WITH_BORING_SSL = """
      7f10c0000000-7f10c0001000 r-xp 00000000 fe:00 1 /usr/lib/jvm/lib/server/libjvm.so
      7f10c8000000-7f10c8001000 r-xp 00000000 fe:00 2 /tmp/libnetty_tcnative_linux_x86_6412.so \
      (deleted)
      """;
  private static final String WITHOUT = WITH_BORING_SSL.lines().findFirst().orElseThrow();

  @Test
  void requireProvider_boringSslNotLoaded_throwsIOException() {
    assertThatThrownBy(
            () -> SecurityCheck.requireProvider(ServerUnderTest.SYSTOLE_TLS_OPENSSL, WITHOUT))
        .isInstanceOf(IOException.class)
        .hasMessage("systole-tls-openssl has not loaded BoringSSL");
  }

  @Test
  void requireProvider_boringSslInNodeOfTheJdk_throwsIOException() {
    assertThatThrownBy(
            () -> SecurityCheck.requireProvider(ServerUnderTest.SYSTOLE_TLS_JDK, WITH_BORING_SSL))
        .isInstanceOf(IOException.class)
        .hasMessage("systole-tls-jdk has loaded BoringSSL");
  }

  @Test
  void requireProvider_asNamed_passes() {
    assertThatCode(() -> {
          SecurityCheck.requireProvider(ServerUnderTest.SYSTOLE_TLS_OPENSSL_BASIC, WITH_BORING_SSL);
          SecurityCheck.requireProvider(ServerUnderTest.SYSTOLE_TLS_JDK, WITHOUT);
          SecurityCheck.requireProvider(ServerUnderTest.SYSTOLE, WITHOUT);
        })
        .doesNotThrowAnyException();
  }

  @Test
  void requireStatus_readWithoutCredentialsAccepted_throwsIOException() {
    assertThatThrownBy(() -> SecurityCheck.requireStatus(ServerUnderTest.SYSTOLE_BASIC, 200))
        .isInstanceOf(IOException.class)
        .hasMessage("systole-basic responds with 200 instead of 401 to a read without credentials");
  }

  @Test
  void requireStatus_openNodeRefuses_throwsIOException() {
    assertThatThrownBy(() -> SecurityCheck.requireStatus(ServerUnderTest.SYSTOLE, 401))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("401 instead of 200");
  }

  @Test
  void requireCipher_otherSuite_throwsIOException() {
    assertThatThrownBy(() -> SecurityCheck.requireCipher(
            ServerUnderTest.SYSTOLE_TLS_OPENSSL, "TLSv1.3 TLS_AES_256_GCM_SHA384"))
        .isInstanceOf(IOException.class)
        .hasMessage("systole-tls-openssl negotiates TLSv1.3 TLS_AES_256_GCM_SHA384"
            + " instead of TLSv1.3 TLS_AES_128_GCM_SHA256");
  }

  @Test
  void requireCipher_plainNode_expectsNone() {
    assertThatCode(() -> SecurityCheck.requireCipher(ServerUnderTest.SYSTOLE_BASIC, "no TLS"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> SecurityCheck.requireCipher(ServerUnderTest.SYSTOLE_TLS_JDK, "no TLS"))
        .hasMessageContaining("negotiates no TLS instead of");
  }
}
