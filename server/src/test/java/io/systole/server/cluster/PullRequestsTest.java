// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.PullRequests.Request;
import io.systole.server.cluster.PullRequests.Source;
import io.systole.server.cluster.group.MemberId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PullRequestsTest {
  private static final MemberId A = new MemberId(1, "a");
  private static final MemberId B = new MemberId(2, "b");

  private final PullRequests requests = new PullRequests();

  private long beginNext() {
    return requests.begin(Objects.requireNonNull(requests.takeQueued()), 0);
  }

  @Test
  void add_moreThanTheMaximum_areDropped() {
    for (int member = 0; member < 5; member++) {
      for (int bucket = 0; bucket < 1_024; bucket++) {
        requests.add(new Source(new MemberId(member, "m"), bucket));
      }
    }

    assertThat(requests.queuedCount()).isEqualTo(PullRequests.QUEUED_MAX);
  }

  @Test
  void add_bucketQueuedOrUnderWay_isOne() {
    requests.add(new Source(A, 1));
    requests.add(new Source(A, 1));
    beginNext();
    requests.add(new Source(A, 1));

    assertThat(requests.queuedCount()).isZero();
  }

  @Test
  void takeQueued_eightUnderWay_waits() {
    for (int bucket = 0; bucket < 9; bucket++) {
      requests.add(new Source(A, bucket));
    }
    long first = beginNext();
    for (int i = 1; i < 8; i++) {
      beginNext();
    }
    assertThat(requests.takeQueued()).isNull();

    requests.addPart(A, first, false, true, 1);

    assertThat(requests.takeQueued()).isEqualTo(new Source(A, 8));
  }

  @Test
  void addPart_anyOfAMember_postponesItsOtherRequests() {
    long first = requests.begin(new Source(A, 1), 0);
    requests.begin(new Source(A, 2), 0);
    requests.begin(new Source(B, 1), 0);

    requests.addPart(A, first, false, false, 1);

    assertThat(requests.removeTimedOut(PullRequests.TIMEOUT_NS))
        .extracting(Request::source)
        .containsExactly(new Source(B, 1));
    assertThat(requests.outstandingCount()).isEqualTo(2);
  }

  @Test
  void addPart_refusedInAnEarlierPart_isKept() {
    long id = requests.begin(new Source(A, 1), 0);

    requests.addPart(A, id, true, false, 1);
    @Nullable Request last = requests.addPart(A, id, false, true, 2);

    assertThat(last).isNotNull().matches(Request::isRefused);
    assertThat(requests.addPart(A, id, false, true, 3)).isNull();
  }

  @Test
  void addPart_ofAnotherMember_isIgnored() {
    long id = requests.begin(new Source(A, 1), 0);

    assertThat(requests.addPart(B, id, false, true, 1)).isNull();
    assertThat(requests.outstandingCount()).isEqualTo(1);
  }
}
