// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static io.systole.server.cluster.group.GroupFixture.awaitMembers;
import static io.systole.server.cluster.group.GroupFixture.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@ResourceLock(value = GroupFixture.LOG, mode = ResourceAccessMode.READ)
class OperatorStackIT {
  private static final String COMPLETE = """
      <TCPPING initial_hosts="127.0.0.1[%1$d],127.0.0.1[%2$d]" port_range="0"/>
      <MERGE3/>
      <FD_ALL3/>
      <pbcast.NAKACK2 use_mcast_xmit="false"/>
      <UNICAST4/>
      <pbcast.STABLE/>
      <pbcast.GMS join_timeout="1000" print_local_addr="false"/>
      <FRAG4/>
      """;

  @TempDir
  private Path directory;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private GroupFixture fixture;

  @BeforeEach
  void reservePorts() throws IOException {
    fixture = new GroupFixture(3);
    log.start();
    logger().addAppender(log);
  }

  @AfterEach
  void close() {
    logger().detachAppender(log);
    fixture.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(OperatorStack.class);
  }

  private GroupSettings settings(int index, String protocols, @Nullable Path secret)
      throws IOException {
    String tcp = "<TCP bind_addr=\"127.0.0.1\" bind_port=\"%d\" port_range=\"0\"/>"
        .formatted(fixture.bind(index).getPort());
    return settingsOf(index, tcp + protocols, secret);
  }

  private GroupSettings settingsOf(int index, String protocols, @Nullable Path secret)
      throws IOException {
    String hosts =
        protocols.formatted(fixture.bind(0).getPort(), fixture.bind(1).getPort());
    Path file = Files.writeString(
        directory.resolve("stack-" + index + ".xml"),
        "<config xmlns=\"urn:org:jgroups\">" + hosts + "</config>");
    return new GroupSettings("test", fixture.bind(index), List.of(), null, file, secret, null);
  }

  @Test
  void join_completeStackWithSecret_membersMeet() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "correct horse battery");
    GroupRecorder first = new GroupRecorder();
    GroupRecorder second = new GroupRecorder();
    JGroupsGroup one = fixture.open(settings(0, COMPLETE, secret));
    one.join(first);

    fixture.open(settings(1, COMPLETE, secret)).join(second);
    one.multicast("hello".getBytes(StandardCharsets.UTF_8));

    awaitMembers(first, 2);
    awaitTrue(() -> second.messages().contains("hello"));
    assertThat(log.list).isEmpty();
    assertThat(one.channel()
            .getProtocolStack()
            .getTransport()
            .getDiagnosticsHandler()
            .isEnabled())
        .isFalse();
  }

  /** The sockets of FD_SOCK are admitted by the handshake too, at a port of their own. */
  @Test
  void join_stackWithFdSock_crashIsDetectedByIt() throws IOException {
    String protocols = COMPLETE.replace("<FD_ALL3/>", "<FD_SOCK/>");
    List<GroupRecorder> recorders =
        List.of(new GroupRecorder(), new GroupRecorder(), new GroupRecorder());
    List<JGroupsGroup> groups = new ArrayList<>();
    for (GroupRecorder recorder : recorders) {
      JGroupsGroup group = fixture.open(settings(groups.size(), protocols, null));
      group.join(recorder);
      groups.add(group);
    }
    for (GroupRecorder recorder : recorders) {
      awaitMembers(recorder, 3);
    }
    groups.get(1).multicast("hello".getBytes(StandardCharsets.UTF_8));
    awaitTrue(() -> recorders.get(0).messages().contains("hello")
        && recorders.get(2).messages().contains("hello"));

    groups.get(1).crash();

    awaitMembers(recorders.get(0), 2);
    awaitMembers(recorders.get(2), 2);
  }

  @Test
  void open_withoutMergeAndFragmentation_warnsOnce() throws IOException {
    String reduced = COMPLETE.replace("<MERGE3/>", "").replace("<FRAG4/>", "");

    fixture.open(settings(0, reduced, null));

    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .contains("lacks MERGE3: parts of a split cluster never merge; FRAG4: ");
  }

  @ParameterizedTest
  @CsvSource({
    "<UNICAST4/>, without UNICAST4 messages to one member can be lost",
    "<pbcast.NAKACK2 use_mcast_xmit=\"false\"/>, events [GET_DIGEST SET_DIGEST] are required by GMS"
  })
  void open_withoutRequiredProtocol_isRefused(String protocol, String reason) throws IOException {
    String reduced = COMPLETE.replace(protocol, "").replace("<pbcast.STABLE/>", "");
    GroupSettings settings = settings(0, reduced, null);

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void open_otherTransportWithSecret_isRefused() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "correct horse battery");
    GroupSettings settings = settingsOf(0, "<UDP bind_addr=\"127.0.0.1\"/>" + COMPLETE, secret);

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the transport UDP has no secret or TLS of the cluster; TCP has");
  }

  @Test
  void open_unknownProtocol_isRefused() throws IOException {
    GroupSettings settings = settingsOf(0, "<NO_SUCH_PROTOCOL/>", null);

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "--cluster-xml=" + settings.stackFile() + " is not a protocol stack of JGroups: ")
        .hasMessageContaining("NO_SUCH_PROTOCOL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "not XML", "{\"a\": 1}", "<config>", "<config/>", "</config>", "\0\1"})
  void open_fileWithoutProtocols_isRefusedWithTheOption(String content) throws IOException {
    GroupSettings settings = settingsOf(0, "", null);
    Files.writeString(Objects.requireNonNull(settings.stackFile()), content);

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessage("--cluster-xml=" + settings.stackFile()
            + " is not an XML file with protocols of JGroups");
  }

  @Test
  void open_missingFile_isRefusedWithTheOption() throws IOException {
    GroupSettings settings = settingsOf(0, "", null);
    Files.delete(Objects.requireNonNull(settings.stackFile()));

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessage("--cluster-xml=" + settings.stackFile() + ": no such file");
  }
}
