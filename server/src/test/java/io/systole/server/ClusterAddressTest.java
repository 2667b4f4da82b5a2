// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.cluster.group.GroupSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ClusterAddressTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static GroupSettings settings(
      String bind, int port, @Nullable String dnsName, InetSocketAddress... members) {
    return new GroupSettings(
        "a",
        InetSocketAddress.createUnresolved(bind, port),
        List.of(members),
        dnsName,
        null,
        null,
        null);
  }

  private static InetSocketAddress member(String host, int port) {
    return InetSocketAddress.createUnresolved(host, port);
  }

  @Test
  void resolve_addressGiven_isResolved() throws IOException {
    assertThat(ClusterAddress.resolve(settings("127.0.0.1", 7801, null)).bind())
        .isEqualTo(new InetSocketAddress(LOOPBACK, 7801));
  }

  @Test
  void resolve_wildcard_isTheOwnAddressWithThePortAmongTheMembers() throws IOException {
    GroupSettings settings = settings(
        "0.0.0.0",
        7801,
        null,
        member("198.51.100.1", 7801),
        member("::1", 7800),
        member("127.0.0.1", 7801));

    assertThat(ClusterAddress.resolve(settings).bind())
        .isEqualTo(new InetSocketAddress(LOOPBACK, 7801));
  }

  /** The name is that of all members. */
  @Test
  void resolve_dnsName_hasTheAddressWithoutTheName() throws IOException {
    InetSocketAddress bind =
        ClusterAddress.resolve(settings("0.0.0.0", 7801, "localhost")).bind();

    assertThat(bind.getAddress().isLoopbackAddress()).isTrue();
    assertThat(bind.getHostString()).isNotEqualTo("localhost");
  }

  @Test
  void resolve_wildcardWithoutOwnAddress_isRefused() {
    assertThatThrownBy(() -> ClusterAddress.resolve(
            settings("0.0.0.0", 7801, null, member("127.0.0.1", 7800), member("no.invalid", 7801))))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no address of --cluster-members is one of this machine with --cluster-port 7801;"
                + " set --cluster-bind (cannot resolve no.invalid)");
  }

  @Test
  void resolve_ownNameOfTheLoopbackInterfaceBesideOtherMachines_isLogged() throws IOException {
    assertThat(warnings(member("127.0.0.1", 7801), member("198.51.100.1", 7801)))
        .containsExactly("members on other machines can't reach the loopback address 127.0.0.1;"
            + " set --cluster-bind");
    assertThat(warnings(member("127.0.0.1", 7801), member("::1", 7801), member("no.invalid", 7801)))
        .isEmpty();
  }

  private static List<String> warnings(InetSocketAddress... members) throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(ClusterAddress.class);
    ListAppender<ILoggingEvent> recorded = new ListAppender<>();
    recorded.start();
    logger.addAppender(recorded);
    try {
      ClusterAddress.resolve(settings("0.0.0.0", 7801, null, members));
      return recorded.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    } finally {
      logger.detachAppender(recorded);
    }
  }

  @Test
  void resolve_unknownHost_isRefusedByName() {
    assertThatThrownBy(() -> ClusterAddress.resolve(settings("no.invalid", 7801, null)))
        .isInstanceOf(IOException.class)
        .hasMessage("--cluster-bind=no.invalid has no address");
  }
}
