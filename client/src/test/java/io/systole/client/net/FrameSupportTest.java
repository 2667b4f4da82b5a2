// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.renewal.LeaseHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameSupportTest {
  private static final LeaseHandle HANDLE = new LeaseHandle(7, 3, 0);
  private static final LeaseHandle OF_OTHER_RUN = new LeaseHandle(8, 3, 0);

  private final FrameSupport support = new FrameSupport();

  @Test
  void requestsHandle_atFirst_isTrueAndNoFrameIsSent() {
    assertThat(support.requestsHandle(0, 0)).isTrue();
    assertThat(support.isOffered()).isFalse();
    assertThat(support.accepts(HANDLE)).isFalse();
  }

  @Test
  void answered_withAHandle_offersFramesForThatRun() {
    support.requestsHandle(0, 0);
    support.answered(0, HANDLE.fieldValue(), 0);

    assertThat(support.isOffered()).isTrue();
    assertThat(support.accepts(HANDLE)).isTrue();
    assertThat(support.accepts(OF_OTHER_RUN)).isFalse();
    assertThat(support.accepts(null)).isFalse();
    assertThat(support.requestsHandle(1, 0)).isTrue();
  }

  /** A proxy that changes the node behind it, for example after a restart. */
  @Test
  void answered_withAnotherEpoch_replacesIt() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.answered(1, LeaseHandle.fieldValue(8), 0);

    assertThat(support.accepts(HANDLE)).isFalse();
    assertThat(support.accepts(OF_OTHER_RUN)).isTrue();
  }

  @Test
  void answered_withoutTheField_stopsRequestsForAWhile() {
    support.requestsHandle(0, 0);
    support.answered(0, null, 5);

    assertThat(support.requestsHandle(1, 5)).isFalse();
    assertThat(support.requestsHandle(2, FrameSupport.RETRY_NS + 4)).isFalse();
    assertThat(support.requestsHandle(3, FrameSupport.RETRY_NS + 5)).isTrue();
  }

  @Test
  void answered_toARequestBeforeTheFirstForAHandle_decidesNothing() {
    support.requestsHandle(Integer.MAX_VALUE, 0);
    support.answered(Integer.MAX_VALUE - 1, null, 0);
    assertThat(support.requestsHandle(Integer.MIN_VALUE, 0)).isTrue();

    support.answered(Integer.MIN_VALUE, null, 0);
    assertThat(support.requestsHandle(Integer.MIN_VALUE + 1, 0)).isFalse();
  }

  /** Heartbeats of instances with a handle do not request it. */
  @Test
  void answered_withoutTheFieldOnceFramesAreOffered_changesNothing() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.answered(1, null, 0);

    assertThat(support.accepts(HANDLE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7/3/0", "0000000000000007/", "x"})
  void answered_withAMalformedField_isAsWithoutIt(String field) {
    support.requestsHandle(0, 0);
    support.answered(0, field, 0);

    assertThat(support.isOffered()).isFalse();
    assertThat(support.requestsHandle(1, 0)).isFalse();
  }

  @Test
  void refused_frame_stopsFramesForAWhile() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.refused(5);
    support.answered(1, HANDLE.fieldValue(), 5);

    assertThat(support.accepts(HANDLE)).isFalse();
    assertThat(support.requestsHandle(2, FrameSupport.RETRY_NS + 5)).isTrue();
    support.answered(2, HANDLE.fieldValue(), FrameSupport.RETRY_NS + 5);
    assertThat(support.accepts(HANDLE)).isTrue();
  }

  @Test
  void refusedForLoad_once_framesRemainInUse() {
    support.answered(0, HANDLE.fieldValue(), 0);

    assertThat(support.refusedForLoad(3, 5)).isTrue();
    assertThat(support.accepts(HANDLE)).isTrue();
  }

  @Test
  void refusedForLoad_framesInFlightAtTheFirst_doNotCount() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.refusedForLoad(3, 5);

    assertThat(support.refusedForLoad(4, 6)).isTrue();
    assertThat(support.accepts(HANDLE)).isTrue();
  }

  @Test
  void refusedForLoad_theNextFrameToo_stopsFramesForAWhile() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.refusedForLoad(3, 5);

    assertThat(support.refusedForLoad(5, 6)).isFalse();
    assertThat(support.accepts(HANDLE)).isFalse();
    assertThat(support.refusedForLoad(4, 7)).isFalse();
  }

  @Test
  void refusedForLoad_afterAnAcceptedFrame_isTheFirstAgain() {
    support.answered(0, HANDLE.fieldValue(), 0);
    support.refusedForLoad(3, 5);
    support.accepted();

    assertThat(support.refusedForLoad(6, 7)).isTrue();
  }
}
