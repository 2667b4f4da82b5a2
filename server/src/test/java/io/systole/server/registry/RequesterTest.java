// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequesterTest {
  @Test
  void create_longTexts_areCut() {
    Requester requester = new Requester("p".repeat(201), "f".repeat(10_000));

    assertThat(requester.principal()).isEqualTo("p".repeat(200));
    assertThat(requester.from()).hasSize(200);
    assertThat(new Requester(null, "f".repeat(200)).from()).hasSize(200);
  }
}
