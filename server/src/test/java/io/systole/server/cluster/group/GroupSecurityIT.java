// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static io.systole.server.cluster.group.GroupFixture.awaitMembers;
import static io.systole.server.cluster.group.GroupFixture.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

@ResourceLock(GroupFixture.LOG)
class GroupSecurityIT {
  /** Of a member that is refused, and would create a group of its own. */
  private static final GroupTimeouts SEARCHING = new GroupTimeouts(2_000, 120_000, 2_000, 300, 600);

  @TempDir
  private Path directory;

  private final GroupRecorder first = new GroupRecorder();
  private final GroupRecorder second = new GroupRecorder();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private GroupFixture fixture;

  @BeforeEach
  void reservePorts() throws IOException {
    fixture = new GroupFixture(2);
    log.start();
    packageLogger().addAppender(log);
  }

  @AfterEach
  void close() {
    packageLogger().detachAppender(log);
    fixture.close();
  }

  private static Logger packageLogger() {
    return (Logger) LoggerFactory.getLogger("io.systole.server.cluster.group");
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private Path secret(String text) throws IOException {
    return Files.writeString(directory.resolve("secret-" + text.hashCode()), text);
  }

  private GroupSettings.Tls tls(TestAuthority authority) throws IOException {
    Issued issued = authority.issue("member");
    return new GroupSettings.Tls(authority.file(), issued.certificate(), issued.key());
  }

  /** Joins the first member, and asserts that the second is refused by it, with one warning. */
  private void assertRefused(GroupSettings one, GroupSettings other, String reason)
      throws IOException {
    fixture.open(one).join(first);
    JGroupsGroup refused = fixture.open(other, SEARCHING);

    assertThatThrownBy(() -> refused.join(second))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "cannot join the cluster " + other.name() + ": " + fixture.bind(0) + ": " + reason);

    assertThat(warnings())
        .filteredOn(
            line -> line.startsWith("not admitted by a member of the cluster: " + fixture.bind(0)))
        .hasSize(1);
    assertThat(warnings()).anyMatch(line -> line.startsWith("refused a member of the cluster: "));
    assertThat(first.view().members()).hasSize(1);
  }

  private void assertJoined(GroupSettings one, GroupSettings other) throws IOException {
    JGroupsGroup group = fixture.open(one);
    group.join(first);

    fixture.open(other).join(second);
    group.multicast("hello".getBytes(StandardCharsets.UTF_8));

    awaitMembers(first, 2);
    awaitTrue(() -> second.messages().contains("hello"));
    assertThat(warnings()).isEmpty();
  }

  @Test
  void join_sameSecret_isAdmitted() throws IOException {
    assertJoined(
        fixture.settings(0, secret("correct horse battery"), null),
        fixture.settings(1, secret(" correct horse battery\n"), null));
  }

  @Test
  void join_otherSecret_isRefused() throws IOException {
    assertRefused(
        fixture.settings(0, secret("correct horse battery"), null),
        fixture.settings(1, secret("another horse battery"), null),
        "its --cluster-secret-file has another secret, or only one side has the option");
  }

  @Test
  void join_sameAuthorityAndSecret_isAdmitted() throws IOException {
    TestAuthority authority = new TestAuthority(directory, "authority");

    assertJoined(
        fixture.settings(0, secret("correct horse battery"), tls(authority)),
        fixture.settings(1, secret("correct horse battery"), tls(authority)));
  }

  @Test
  void join_otherAuthority_isRefused() throws IOException {
    assertRefused(
        fixture.settings(0, null, tls(new TestAuthority(directory, "authority"))),
        fixture.settings(1, null, tls(new TestAuthority(directory, "other"))),
        "TLS: ");
  }

  @Test
  void reload_changedCertificate_appliesToNewConnections() throws IOException {
    TestAuthority authority = new TestAuthority(directory, "authority");
    TestAuthority next = new TestAuthority(directory, "next");
    GroupSettings.Tls paths = copy(tls(authority));
    MemberTls tls = new MemberTls(paths);

    boolean isUnchangedReloaded = tls.reload();
    overwrite(tls(next), paths);
    boolean isReloaded = tls.reload();

    assertThat(isUnchangedReloaded).isFalse();
    assertThat(isReloaded).isTrue();
    tls.close();
  }

  private GroupSettings.Tls copy(GroupSettings.Tls source) throws IOException {
    GroupSettings.Tls target = new GroupSettings.Tls(
        directory.resolve("ca.pem"), directory.resolve("tls.crt"), directory.resolve("tls.key"));
    overwrite(source, target);
    return target;
  }

  private static void overwrite(GroupSettings.Tls source, GroupSettings.Tls target)
      throws IOException {
    Files.write(target.ca(), Files.readAllBytes(source.ca()));
    Files.write(target.certificate(), Files.readAllBytes(source.certificate()));
    Files.write(target.key(), Files.readAllBytes(source.key()));
  }

  @Test
  void open_shortSecret_isRefused() throws IOException {
    Path file = secret("short");

    assertThatThrownBy(() -> fixture.open(fixture.settings(0, file, null)))
        .isInstanceOf(IOException.class)
        .hasMessage("--cluster-secret-file=" + file
            + ": the secret of the cluster has 5 bytes, and needs at least 16");
  }

  @Test
  void open_missingSecret_isRefusedWithTheOption() {
    Path file = directory.resolve("missing");

    assertThatThrownBy(() -> fixture.open(fixture.settings(0, file, null)))
        .isInstanceOf(IOException.class)
        .hasMessage("--cluster-secret-file=" + file + ": no such file");
  }

  @Test
  void open_missingCertificate_isRefused() {
    Path missing = directory.resolve("missing.pem");

    assertThatThrownBy(() -> fixture.open(
            fixture.settings(0, null, new GroupSettings.Tls(missing, missing, missing))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot use the TLS files of the cluster")
        .hasMessageContaining("no such file");
  }

  @Test
  void warnIfOpen_withoutSecurity_dependsOnAddress() throws IOException {
    JGroupsGroup.warnIfOpen(open("127.0.0.1", null));
    JGroupsGroup.warnIfOpen(open("192.0.2.1", secret("correct horse battery")));

    assertThat(warnings()).isEmpty();

    JGroupsGroup.warnIfOpen(open("192.0.2.1", null));

    assertThat(warnings())
        .singleElement()
        .asString()
        .startsWith("anyone who reaches the cluster port can join");
  }

  private static GroupSettings open(String address, @Nullable Path secretFile) {
    return new GroupSettings(
        "test", GroupFixture.address(address, 7800), List.of(), null, null, secretFile, null);
  }
}
