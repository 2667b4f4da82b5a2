// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ClusterLogTest {
  private static final MemberId A = new MemberId(1, "a:7800");
  private static final MemberId B = new MemberId(2, "b:7800");
  private static final MemberId C = new MemberId(3, "c:7800");

  private final Logger logger = (Logger) LoggerFactory.getLogger(ClusterLog.class);
  private final ListAppender<ILoggingEvent> recorded = new ListAppender<>();
  private final ClusterLog log = new ClusterLog("demo");

  @BeforeEach
  void recordLog() {
    recorded.start();
    logger.addAppender(recorded);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(recorded);
  }

  /** Returns the only line of this thread, as nodes of other tests log at the same time. */
  private String line(Level level) {
    String thread = Thread.currentThread().getName();
    synchronized (recorded) {
      List<ILoggingEvent> lines = recorded.list.stream()
          .filter(event -> event.getThreadName().equals(thread))
          .toList();
      assertThat(lines).hasSize(1).allMatch(event -> event.getLevel() == level);
      return lines.get(0).getFormattedMessage();
    }
  }

  private static ClusterStatus status(Member... members) {
    return new ClusterStatus(true, 2, 1, 0, List.of(members), 0, 0);
  }

  private static Member member(MemberId id, boolean isDraining) {
    return new Member(id, null, id.equals(A), true, isDraining, 2, 0);
  }

  @Test
  void viewChanged_memberThatAnnouncedItsDeparture_hasLeft() {
    log.viewChanged(
        status(member(A, false), member(B, true)), new GroupView(2, List.of(A, C), false));

    assertThat(line(Level.INFO))
        .isEqualTo("members of the cluster changed name=demo view=2 members=2 joined=c:7800"
            + " left=b:7800 lost=- merged=false");
  }

  @Test
  void viewChanged_memberThatDidNot_isLostWithAWarning() {
    log.viewChanged(status(member(A, false), member(B, false)), new GroupView(2, List.of(A), true));

    assertThat(line(Level.WARN)).endsWith("joined=- left=- lost=b:7800 merged=true");
  }

  @Test
  void joined_noOtherMember_hasCreatedTheCluster() {
    log.joined(status(member(A, false)), 7, 12);

    assertThat(line(Level.INFO))
        .isEqualTo("created the cluster, as no other member responded name=demo member=a:7800"
            + " leases=7 durationMs=12 protocol=2");
  }

  @Test
  void joined_otherMembers_areNamed() {
    log.joined(status(member(A, false), member(B, false)), 7, 12);

    assertThat(line(Level.INFO))
        .isEqualTo("joined the cluster name=demo members=a:7800,b:7800 leases=7 durationMs=12"
            + " protocol=2");
  }

  /** The name comes from another member. */
  @Test
  void joined_nameWithControlCharacters_isEscaped() {
    log.joined(status(member(new MemberId(4, "x\u001b[2J\n"), false)), 7, 12);

    assertThat(line(Level.INFO))
        .doesNotContain("\u001b", "\n")
        .contains("leases=7 durationMs=12 protocol=2");
  }
}
