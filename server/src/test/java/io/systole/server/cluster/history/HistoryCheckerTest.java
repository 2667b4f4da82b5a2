// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import static io.systole.server.cluster.history.ClientOperation.ABSENT;
import static io.systole.server.cluster.history.ClientOperation.NO_RESPONSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.history.ClientOperation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Recorded histories that fit the model and such that do not. Times are seconds. */
class HistoryCheckerTest {
  private static final int LEASE_SECS = 20;
  private static final int PROPAGATION_SECS = 2;
  private static final int CONVERGENCE_SECS = 10;
  private static final int MEMBERS = 3;

  private final List<ClientOperation> operations = new ArrayList<>();
  private final List<MemberFault> faults = new ArrayList<>();

  private static long ns(double secs) {
    return Math.round(secs * TimeUnit.SECONDS.toNanos(1));
  }

  private void add(Kind kind, int member, long number, double at, int status) {
    double end = status == NO_RESPONSE ? at + 1 : at + 0.01;
    operations.add(new ClientOperation(kind, "k", member, number, ns(at), ns(end), status));
  }

  private void register(int member, long number, double at) {
    add(Kind.REGISTER, member, number, at, 204);
  }

  private void cancel(int member, double at) {
    add(Kind.CANCEL, member, ABSENT, at, 200);
  }

  private void renew(int member, long number, double at, int status) {
    add(Kind.RENEW, member, number, at, status);
  }

  private void read(int member, long found, double at) {
    add(Kind.READ, member, found, at, found == ABSENT ? 404 : 200);
  }

  private void fault(MemberFault.Kind kind, int member, double from, double to) {
    faults.add(new MemberFault(kind, Set.of(member), ns(from), ns(to)));
  }

  private HistoryChecker checker() {
    HistoryChecker checker = new HistoryChecker(
        faults,
        Duration.ofSeconds(PROPAGATION_SECS),
        Duration.ofSeconds(CONVERGENCE_SECS),
        Duration.ofSeconds(LEASE_SECS));
    checker.check(operations);
    return checker;
  }

  private List<String> violations() {
    return checker().violations();
  }

  /** Checks the end as well, at which each member has one of these numbers. */
  private List<String> violationsAtEnd(double at, Long... numbers) {
    HistoryChecker checker = checker();
    checker.checkEnd(
        Arrays.stream(numbers)
            .map(number -> number == ABSENT ? Map.<String, Long>of() : Map.of("k", number))
            .toList(),
        ns(at));
    return checker.violations();
  }

  @Test
  void check_registrationRenewedAtAllMembers_fits() {
    register(0, 1, 1);
    renew(1, 1, 4, 200);
    renew(2, 1, 5, 200);
    read(0, 1, 6);

    assertThat(violationsAtEnd(8, 1L, 1L, 1L)).isEmpty();
  }

  @Test
  void check_renewalAnswered404WhereItMustBe_isFound() {
    register(0, 1, 1);
    renew(1, 1, 4, 404);

    assertThat(violations()).singleElement().asString().contains("found -1", "member 1");
  }

  @Test
  void check_renewalAnswered404BeforeTheRegistrationArrives_fits() {
    register(0, 1, 1);
    renew(1, 1, 2, 404);

    assertThat(violations()).isEmpty();
  }

  @Test
  void check_404AtTheMemberThatAccepted_isFoundAtOnce() {
    register(0, 1, 1);
    renew(0, 1, 1.1, 404);

    assertThat(violations()).hasSize(1);
  }

  @Test
  void check_404AfterA200OfTheSameMember_isFound() {
    fault(MemberFault.Kind.PARTITION, 0, 0, 30);
    register(0, 1, 1);
    renew(1, 1, 2, 200);
    renew(1, 1, 3, 404);

    assertThat(violations()).hasSize(1);
  }

  /** The client's last registration was not sent. */
  @Test
  void check_renewalOfALaterRegistrationThanTheMembers_fits() {
    register(0, 1, 1);
    renew(0, 2, 4, 404);

    assertThat(violations()).isEmpty();
  }

  @Test
  void check_404AfterALeaseWithoutRenewals_fits() {
    register(0, 1, 1);
    renew(0, 1, 1 + LEASE_SECS + 1, 404);

    assertThat(violations()).isEmpty();
  }

  @Test
  void check_404WithinALeaseOfTheRenewalAtAnotherMember_isFound() {
    register(0, 1, 1);
    renew(1, 1, 15, 200);
    renew(2, 1, 30, 404);

    assertThat(violations()).hasSize(1);
  }

  @Test
  void checkEnd_instanceLost_isFoundAtEachMember() {
    register(0, 1, 1);
    renew(1, 1, 4, 200);

    assertThat(violationsAtEnd(8, ABSENT, ABSENT, ABSENT)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_membersDiffer_isFound() {
    register(0, 1, 1);
    register(0, 2, 3);

    assertThat(violationsAtEnd(10, 2L, 1L, 2L))
        .anySatisfy(violation -> assertThat(violation).contains("members differ"))
        .anySatisfy(violation -> assertThat(violation).contains("instead of 2"));
  }

  @Test
  void checkEnd_olderRegistration_isFound() {
    register(0, 1, 1);
    register(1, 2, 3);

    assertThat(violationsAtEnd(10, 1L, 1L, 1L)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_cancelledInstancePresent_isFound() {
    register(0, 1, 1);
    cancel(1, 4);

    assertThat(violationsAtEnd(10, 1L, 1L, 1L)).hasSize(MEMBERS);
    assertThat(violationsAtEnd(10, ABSENT, ABSENT, ABSENT)).isEmpty();
  }

  @Test
  void check_cancelledInstanceRenewedOrRead_isFound() {
    register(0, 1, 1);
    cancel(0, 4);
    renew(0, 1, 5, 200);
    read(2, 1, 8);

    assertThat(violations()).hasSize(2);
  }

  @Test
  void checkEnd_cancelBeforeTheRegistrationArrived_mayHaveMissedIt() {
    register(0, 1, 1);
    register(0, 2, 10);
    cancel(1, 10.1);

    assertThat(violationsAtEnd(15, 2L, 2L, 2L)).isEmpty();
    assertThat(violationsAtEnd(15, ABSENT, ABSENT, ABSENT)).isEmpty();
    assertThat(violationsAtEnd(15, 1L, 1L, 1L)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_requestWithoutResponse_mayHaveHadItsEffect() {
    register(0, 1, 1);
    add(Kind.REGISTER, 0, 2, 4, NO_RESPONSE);

    assertThat(violationsAtEnd(12, 1L, 1L, 1L)).isEmpty();
    assertThat(violationsAtEnd(12, 2L, 2L, 2L)).isEmpty();
    assertThat(violationsAtEnd(12, ABSENT, ABSENT, ABSENT)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_registrationAfterACancelWithoutResponse_isRequiredOnceThatCannotArrive() {
    register(0, 1, 1);
    add(Kind.CANCEL, 1, ABSENT, 4, NO_RESPONSE);
    register(0, 2, 5);

    assertThat(violationsAtEnd(12, ABSENT, ABSENT, ABSENT)).isEmpty();

    register(0, 3, 12);

    assertThat(violationsAtEnd(20, ABSENT, ABSENT, ABSENT)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_cancelInTheSocketOfAFrozenMember_mayTakeEffectWhenItIsResumed() {
    fault(MemberFault.Kind.FREEZE, 1, 3, 18);
    register(0, 1, 1);
    add(Kind.CANCEL, 1, ABSENT, 4, NO_RESPONSE);
    register(0, 2, 10);

    assertThat(violationsAtEnd(29, ABSENT, ABSENT, ABSENT)).isEmpty();
  }

  @Test
  void checkEnd_registrationInTheSocketOfAFrozenMember_winsOnlyAfterACancel() {
    fault(MemberFault.Kind.FREEZE, 1, 3, 18);
    add(Kind.REGISTER, 1, 1, 4, NO_RESPONSE);
    register(0, 2, 6);
    renew(0, 2, 24, 200);

    assertThat(violationsAtEnd(34, 1L, 1L, 1L)).hasSize(MEMBERS);

    cancel(0, 12);

    assertThat(violationsAtEnd(34, 1L, 1L, 1L)).isEmpty();
    assertThat(violationsAtEnd(34, 2L, 2L, 2L)).isEmpty();
  }

  @Test
  void checkEnd_registrationJustBeforeAKill_mayBeLost() {
    fault(MemberFault.Kind.KILL, 0, 5, 8);
    register(0, 1, 4.5);

    assertThat(violationsAtEnd(20, ABSENT, ABSENT, ABSENT)).isEmpty();
    assertThat(violationsAtEnd(20, 1L, 1L, 1L)).isEmpty();
  }

  @Test
  void checkEnd_registrationLongBeforeAKill_isRequired() {
    fault(MemberFault.Kind.KILL, 0, 5, 8);
    register(0, 1, 1);
    renew(1, 1, 9, 200);

    assertThat(violationsAtEnd(20, ABSENT, ABSENT, ABSENT)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_cancelledWhileAMemberWasDown_mustNotReturnWithItsJournal() {
    register(0, 1, 1);
    fault(MemberFault.Kind.KILL, 0, 5, 9);
    cancel(1, 6);

    assertThat(violationsAtEnd(22, 1L, 1L, 1L)).hasSize(MEMBERS);
  }

  @Test
  void checkEnd_changesOnBothSidesOfAPartition_areRequiredAfterTheMerge() {
    fault(MemberFault.Kind.PARTITION, 2, 5, 25);
    register(2, 1, 1);
    register(2, 2, 8);
    renew(2, 2, 24, 200);

    assertThat(violationsAtEnd(38, 2L, 2L, 2L)).isEmpty();
    assertThat(violationsAtEnd(38, 1L, 1L, 1L)).hasSize(MEMBERS);
  }

  @Test
  void check_readOfTheOtherSideOfAPartition_mayBeOld() {
    register(2, 1, 1);
    fault(MemberFault.Kind.PARTITION, 2, 5, 25);
    register(2, 2, 8);
    read(0, 1, 9);
    read(0, 7, 10);

    assertThat(violations()).singleElement().asString().contains("never registered");
  }

  @Test
  void check_refusedChange_hasNoEffect() {
    register(0, 1, 1);
    add(Kind.CANCEL, 0, ABSENT, 4, 503);
    add(Kind.REGISTER, 0, 2, 5, 503);

    assertThat(violationsAtEnd(10, 2L, 2L, 2L)).hasSize(MEMBERS);
  }
}
