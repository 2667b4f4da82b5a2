// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
  /** Hash maps of names with equal hash codes depend on it. */
  @Test
  void compareTo_allKeysOfCollidingNames_isConsistentWithEquals() {
    List<CacheKey> keys = Stream.of("AaAa", "AaBB", "BBAa", "BBBB")
        .flatMap(name -> Stream.of(CacheScope.values()).map(scope -> key(scope, name)))
        .flatMap(key -> Stream.of(DocumentFormat.values()).map(format -> with(key, format)))
        .flatMap(key -> Stream.of(Form.values()).map(form -> with(key, form)))
        .toList();

    for (CacheKey one : keys) {
      for (CacheKey other : keys) {
        assertThat(one.compareTo(other) == 0).isEqualTo(one.equals(other));
        assertThat(Integer.signum(one.compareTo(other)))
            .isEqualTo(-Integer.signum(other.compareTo(one)));
      }
    }
  }

  private static CacheKey key(CacheScope scope, String name) {
    return new CacheKey(scope, name, DocumentFormat.JSON, Form.FULL);
  }

  private static CacheKey with(CacheKey key, DocumentFormat format) {
    return new CacheKey(key.scope(), key.name(), format, key.form());
  }

  private static CacheKey with(CacheKey key, Form form) {
    return new CacheKey(key.scope(), key.name(), key.format(), form);
  }
}
