// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ServiceUrlTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8761,http://127.0.0.1:8761/v2",
    "localhost:8761,http://localhost:8761/v2",
    "localhost:8761/eureka,http://localhost:8761/eureka"
  })
  void convert_noScheme_namesTheLikelyUrl(String text, String probable) {
    assertThatThrownBy(() -> new ServiceUrl().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'" + text + "' has no scheme; the service URL is probably " + probable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://h:8761/v2", "http://h:8761/eureka/", "https://h/a/eureka"})
  void hint_usualPath_isEmpty(String url) {
    assertThat(ServiceUrl.hint(URI.create(url))).isEmpty();
  }

  @Test
  void hint_noPath_namesTheLikelyUrlWithoutPassword() {
    assertThat(ServiceUrl.hint(URI.create("http://user:secret@h:8761/")))
        .endsWith("the service URL is probably http://h:8761/v2")
        .doesNotContain("secret");
  }
}
