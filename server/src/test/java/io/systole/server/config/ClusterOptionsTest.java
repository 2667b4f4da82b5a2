// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.cluster.NativeClusterSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterOptionsTest {
  /** Reads options that are written like a command line. */
  private static ServerConfig read(String options) {
    Map<String, String> flags = new HashMap<>();
    String[] words = options.split(" ", -1);
    for (int i = 0; i + 1 < words.length; i += 2) {
      flags.put(words[i], words[i + 1]);
    }
    return ConfigParser.read(flags, Map.of());
  }

  private static NativeClusterSettings cluster(String options) {
    return requireNonNull(read(options).cluster());
  }

  @Test
  void read_noCluster_isNone() {
    assertThat(ConfigParser.defaults().cluster()).isNull();
  }

  @Test
  void read_list_hasTheAddressesUnresolved() {
    NativeClusterSettings cluster = cluster("--cluster a --cluster-members b:7801,[::1]:7802");

    assertThat(cluster.group().name()).isEqualTo("a");
    assertThat(cluster.group().members())
        .containsExactly(
            InetSocketAddress.createUnresolved("b", 7801),
            InetSocketAddress.createUnresolved("::1", 7802));
    assertThat(cluster.group().dnsName()).isNull();
    assertThat(cluster.group().tls()).isNull();
    assertThat(cluster.replica().windowMs()).isEqualTo(500);
    assertThat(cluster.replica().protocolMax()).isEqualTo(2);
    assertThat(cluster.joinTimeoutMs()).isEqualTo(60_000);
  }

  @Test
  void read_dnsName_isThatOfAllMembers() {
    NativeClusterSettings cluster = cluster("--cluster a --cluster-members dns:nodes.ns");

    assertThat(cluster.group().dnsName()).isEqualTo("nodes.ns");
    assertThat(cluster.group().members()).isEmpty();
  }

  @Test
  void read_bind_isThatOfClientsUnlessGiven() {
    String options = "--cluster a --cluster-members b:1 --bind 10.0.0.1 --cluster-port 7801";

    assertThat(cluster(options).group().bind())
        .isEqualTo(InetSocketAddress.createUnresolved("10.0.0.1", 7801));
    assertThat(cluster(options + " --cluster-bind 10.0.0.2").group().bind())
        .isEqualTo(InetSocketAddress.createUnresolved("10.0.0.2", 7801));
  }

  @Test
  void read_tls_hasTheFiles() {
    NativeClusterSettings cluster = cluster("--cluster a --cluster-members b:1"
        + " --cluster-certificate /c --cluster-key /k --cluster-ca /a");

    assertThat(cluster.group().tls()).isNotNull().satisfies(tls -> {
      assertThat(tls.certificate()).isEqualTo(Path.of("/c"));
      assertThat(tls.key()).isEqualTo(Path.of("/k"));
      assertThat(tls.ca()).isEqualTo(Path.of("/a"));
    });
  }

  @Test
  void read_stackFile_needsNoMembers() {
    assertThat(cluster("--cluster a --cluster-xml /x").group().stackFile())
        .isEqualTo(Path.of("/x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--cluster a                    | --cluster needs --cluster-members",
        "--cluster-members b:1          | --cluster-members has no effect without --cluster",
        "--cluster-window 1s            | --cluster-window has no effect without --cluster",
        "--cluster-secret-file /s       | --cluster-secret-file has no effect without --cluster",
        "--cluster a --cluster-members b:1 --cluster-key /k"
            + " | --cluster-key: --cluster-certificate, --cluster-key and --cluster-ca require each"
            + " other",
        "--cluster a --cluster-members b:1 --cluster-certificate /c --cluster-key /k"
            + " | --cluster-certificate: --cluster-certificate, --cluster-key and --cluster-ca"
            + " require each other",
        "--cluster a --cluster-member b:1"
            + " | --cluster-member is not a known option; did you mean --cluster-members?"
      })
  void read_contradiction_isRefused(String options, String message) {
    assertThatThrownBy(() -> read(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(message);
  }

  @Test
  void read_file_hasTheOptionsInTheGroupOfPeers(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(
        folder.resolve("systole.yml"),
        "cluster:\n  cluster: a\n  cluster-members: [b:7800, c:7800]\n  cluster-window: 1s\n");

    NativeClusterSettings cluster = cluster("--config " + file);

    assertThat(cluster.group().members()).hasSize(2);
    assertThat(cluster.replica().windowMs()).isEqualTo(1_000);
  }
}
