// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExplainCommandTest {
  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void run_unknownInstance_is1WithTheReasonOfTheNode() {
    fixture.on("GET /systole/explain/PAY/x%2Fy", 404, "{'reason': 'There is no \\u001b lease.'}");

    assertThat(fixture.run("explain", "PAY", "x/y")).isEqualTo(1);

    assertThat(fixture.err()).isEqualTo("systole: There is no \\u001b lease.\n");
    assertThat(fixture.out()).isEmpty();
  }

  @Test
  void run_protectedInstance_printsTheSentencesOfTheNode() {
    fixture.on("GET /systole/explain/PAY/pay-0", """
        {'app': 'PAY', 'id': 'pay-0', 'state': 'protected',
         'summary': 'The lease expired 5 s ago but is protected by rule registry (self-preservation): 15 renewals in the last minute, at least 19 required.',
         'lease': {'registeredAt': '2026-01-01T00:00:00Z', 'lastRenewalAt': null,
                   'deadlineAt': '2026-01-01T00:01:30Z'},
         'status': {'status': 'UP', 'because': 'reported by the instance, without an override'},
         'eviction': {'protectedBy': [
           {'rule': 'registry', 'because': 'rule registry (self-preservation)',
            'release': '4 more renewals a minute; or --renewal-share 0.6590'}]}}
        """);

    assertThat(fixture.run("explain", "PAY", "pay-0")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        PAY pay-0: protected
        The lease expired 5 s ago but is protected by rule registry (self-preservation):
        15 renewals in the last minute, at least 19 required.

        registered      2026-01-01T00:00:00Z
        deadline        2026-01-01T00:01:30Z
        status          UP
                        reported by the instance, without an override
        protected by    rule registry (self-preservation)
        released by     4 more renewals a minute; or --renewal-share 0.6590
        """);
  }

  @Test
  void run_removedInstance_printsTheRemoval() {
    fixture.on("GET /systole/explain/PAY/pay-0", """
        {'app': 'PAY', 'id': 'pay-0', 'state': 'removed', 'summary': 'Removed.',
         'removedAt': '2026-01-01T00:00:00Z', 'cause': 'cancel', 'by': 'client',
         'source': 'journal', 'status': 'UP'}
        """);

    assertThat(fixture.run("explain", "PAY", "pay-0")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        PAY pay-0: removed
        Removed.

        status          UP
        removed         2026-01-01T00:00:00Z
        cause           cancel
        by              client
        read from       journal
        """);
  }

  @Test
  void run_application_listsExpiredInstances() {
    fixture.on("GET /systole/explain/PAY?limit=1", """
        {'app': 'PAY', 'summary': '2 of 5 leases of PAY have expired.', 'instances': 5,
         'statuses': {'UP': 5}, 'expired': 2, 'protected': 2, 'protectedByRule': {'registry': 2},
         'late': 1, 'renewalDelay': {},
         'instancesExpired': [{'id': 'pay-\\u202e0', 'state': 'protected',
           'summary': 'The lease expired 5 s ago but is protected by rule registry.'}]}
        """);

    assertThat(fixture.run("explain", "PAY", "--limit", "1")).isZero();

    assertThat(fixture.out()).isEqualTo("""
        2 of 5 leases of PAY have expired.

        instances       5
        statuses        UP 5
        expired         2
        protected       2
        by rule         registry 2
        late            1

        ID           STATE      SUMMARY
        pay-\\u202e0  protected  The lease expired 5 s ago but is protected by rule regi…
        … 1 more, --limit
        """);
  }

  @Test
  void run_emptyName_is2() {
    assertThat(fixture.run("explain", "")).isEqualTo(2);
    assertThat(fixture.run("explain", "PAY", "")).isEqualTo(2);
    assertThat(fixture.run("explain")).isEqualTo(2);

    assertThat(fixture.requests()).isEmpty();
  }
}
