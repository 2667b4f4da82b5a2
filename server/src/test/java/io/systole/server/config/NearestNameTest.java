// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, 0",
    "abc, abd, 1",
    "abc, ab, 1",
    "abc, xabc, 1",
    "kitten, sitting, 3",
    "'', ab, 2"
  })
  void distance_ofTwoNames_isTheNumberOfChanges(String from, String to, int distance) {
    assertThat(NearestName.distance(from, to)).isEqualTo(distance);
    assertThat(NearestName.distance(to, from)).isEqualTo(distance);
  }

  @Test
  void of_misspelledName_isTheNearest() {
    assertThat(NearestName.of("--prot", List.of("--bind", "--port", "--protect")))
        .hasValue("--port");
  }

  @Test
  void of_nameOfAnotherGroup_isTheSameNameThere() {
    assertThat(NearestName.of("listen.peers", List.of("listen.port", "cluster.peers")))
        .hasValue("cluster.peers");
  }

  @Test
  void of_nameUnlikeAll_isEmpty() {
    assertThat(NearestName.of("--nonsense", List.of("--bind", "--port"))).isEmpty();
  }
}
