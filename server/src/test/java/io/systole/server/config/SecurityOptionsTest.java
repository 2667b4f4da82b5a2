// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecurityOptionsTest {
  private static SecuritySettings read(String commandLine) {
    Map<String, String> flags = new HashMap<>();
    String[] words = commandLine.split(" ", -1);
    for (int i = 0; i + 1 < words.length; i += 2) {
      flags.put(words[i], words[i + 1]);
    }
    return ConfigParser.read(flags, Map.of()).security();
  }

  @Test
  void read_nothing_isOpen() {
    assertThat(read("")).isEqualTo(new SecuritySettings(null, null, null));
  }

  @Test
  void read_managementPort_inheritsTheTlsOfTheMainPort() {
    SecuritySettings settings = read("--tls-certificate c --tls-key k --tls-client-ca a"
        + " --tls-client-auth optional --tls-provider openssl --management-port 0");

    TlsSettings expected = new TlsSettings(
        Path.of("c"), Path.of("k"), Path.of("a"), ClientCertificate.OPTIONAL, TlsProvider.OPENSSL);
    assertThat(settings).isEqualTo(new SecuritySettings(expected, expected, null));
  }

  @Test
  void read_managementWithoutClientCertificates_hasNoAuthorities() {
    SecuritySettings settings = read("--tls-certificate c --tls-key k --tls-client-ca a"
        + " --tls-client-auth required --management-port 0 --management-tls-client-auth none");

    assertThat(settings.managementTls())
        .isEqualTo(new TlsSettings(
            Path.of("c"), Path.of("k"), null, ClientCertificate.NONE, TlsProvider.JDK));
  }

  @Test
  void read_managementCertificateOnly_leavesTheMainPortPlain() {
    SecuritySettings settings =
        read("--management-port 0 --management-tls-certificate c" + " --management-tls-key k");

    assertThat(settings.tls()).isNull();
    assertThat(settings.managementTls()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tls-certificate c | --tls-certificate and --tls-key require each other",
        "--tls-key k | --tls-certificate and --tls-key require each other",
        "--tls-certificate c --tls-key k --tls-client-auth required | needs --tls-client-ca",
        "--tls-certificate c --tls-key k --tls-client-ca a | needs --tls-client-ca",
        "--tls-client-ca a --tls-client-auth required | have no effect without --tls-certificate",
        "--management-tls false | --management-tls has no effect without --management-port",
        "--management-tls-key k | --management-tls-key has no effect without --management-port",
        "--management-port 0 --management-tls-key k | require each other",
        "--management-port 0 --management-tls-client-auth required | needs --management-tls"
      })
  void read_contradiction_isRefused(String commandLine, String message) {
    assertThatThrownBy(() -> read(commandLine))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(message);
  }
}
