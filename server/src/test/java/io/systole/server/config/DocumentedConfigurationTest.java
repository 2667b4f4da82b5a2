// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration files in the documents are valid. */
class DocumentedConfigurationTest {
  private static final Pattern SECURED = Pattern.compile("(?ms)^```yaml\n(security:.*?)^```$");

  @Test
  void filesOfSecuredNodes_read_requireTlsAndCredentials(@TempDir Path folder) throws IOException {
    List<String> files = SECURED
        .matcher(Files.readString(Path.of("docs/secure.md")))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();

    assertThat(files).hasSize(3).allSatisfy(text -> {
      Path file = Files.writeString(folder.resolve("systole.yml"), text);
      ServerConfig config = ConfigParser.read(Map.of("--config", file.toString()), Map.of());

      assertThat(config.security().tls()).isNotNull();
      assertThat(config.security().credentials()).isNotNull();
    });
  }
}
