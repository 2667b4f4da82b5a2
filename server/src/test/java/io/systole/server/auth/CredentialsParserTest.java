// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.auth.Credentials.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.security.crypto.bcrypt.BCrypt;

class CredentialsParserTest {
  private static final String HASH = BCrypt.hashpw("p", BCrypt.gensalt("$2y", 4));
  private static final String TOKEN = "ab".repeat(32);

  @TempDir
  private Path directory;

  private Credentials parse(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("credentials"), text);
    return CredentialsParser.read(file, null);
  }

  @Test
  void read_entriesOfEachKind_areFound() throws IOException {
    Credentials credentials = parse("""
        # comment

        user pay HASH roles=read,register apps=pay,SHOP-*
        token ci TOKEN roles=peer
          certificate "Pay Service" roles=manage apps=*
        """.replace("HASH", HASH).replace("TOKEN", TOKEN));

    Principal pay = Objects.requireNonNull(credentials.user("pay")).principal();
    Principal peer = Objects.requireNonNull(credentials.token(TOKEN));
    Principal operator = Objects.requireNonNull(credentials.certificate("Pay Service"));
    assertThat(pay.has(Role.READ)).isTrue();
    assertThat(pay.has(Role.REGISTER)).isTrue();
    assertThat(pay.has(Role.PEER)).isFalse();
    assertThat(pay.mayChange("Pay")).isTrue();
    assertThat(pay.mayChange("shop-1")).isTrue();
    assertThat(pay.mayChange("PAYX")).isFalse();
    assertThat(peer.has(Role.READ)).isTrue();
    assertThat(peer.has(Role.REGISTER)).isFalse();
    assertThat(operator.mayChange("ANY")).isTrue();
    assertThat(operator.has(Role.READ)).isTrue();
    assertThat(credentials.user("Pay")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "user | expected: user NAME HASH roles=",
        "token a | expected: token NAME HASH roles=",
        "certificate | expected: certificate NAME roles=",
        "admin a roles=read | does not begin with",
        "user a HASH | has no roles",
        "user a HASH roles= | a role is not one of",
        "user a HASH roles=read,write | a role is not one of",
        "user a HASH roles=READ | a role is not one of",
        "user a HASH roles=read roles=peer | unknown or repeated attribute",
        "user a HASH roles=read apps=A apps=B | unknown or repeated attribute",
        "user a HASH roles=read apps= | apps= is not",
        "user a HASH roles=read apps=A*B | apps= is not",
        "user a HASH roles=read more | unknown or repeated attribute",
        "user a:b HASH roles=read | contains a colon",
        "user a secret roles=read | is not a bcrypt hash",
        "user a {noop}secret roles=read | is not a bcrypt hash",
        "user a $2y$31$abcdefghijklmnopqrstuuPPz9aLUFIoxqR5u7g0wVrX5pWq8GQ7K roles=read | of a cost",
        "token a secret roles=read | is not a SHA-256",
        "certificate a roles=read | contains no"
      })
  void read_malformedLine_isRefusedWithoutItsContent(String line, String message) {
    boolean isComment = message.startsWith("contains no");
    String text = (isComment ? "#" + line : "\n" + line.replace("HASH", HASH)) + "\n";

    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(isComment ? "" : "line 2")
        .hasMessageNotContaining("secret");
  }

  @Test
  void read_repeatedName_isRefused() {
    String line = "user a " + HASH + " roles=read\n";

    assertThatThrownBy(() -> parse(line + line))
        .hasMessageContaining("line 2: this user, token or certificate is already defined");
  }

  /** Cut before its applications, the line would permit any. */
  @Test
  void read_lastLineWithoutLineBreak_isRefused() {
    String line = "user a " + HASH + " roles=read,register";

    assertThatThrownBy(() -> parse("# users\n" + line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2: no line break")
        .hasMessageNotContaining(HASH);
  }

  /** A comparison takes 2^cost rounds. */
  @Test
  void dummyHashes_ofAnyUserOrNone_addUpToTheSameRounds() throws IOException {
    Credentials credentials = parse(Stream.of(4, 6, 9)
        .map(cost -> "user u" + cost + " " + BCrypt.hashpw("p", BCrypt.gensalt("$2y", cost))
            + " roles=read\n")
        .collect(Collectors.joining()));

    for (String name : List.of("u4", "u6", "u9", "unknown")) {
      User user = credentials.user(name);
      long rounds = user == null ? 0 : 1L << user.password().cost();
      for (PasswordHash dummy : credentials.dummyHashes(user)) {
        assertThat(dummy.matches("p".getBytes(UTF_8))).isFalse();
        rounds += 1L << dummy.cost();
      }
      assertThat(rounds).as(name).isEqualTo(1 << 9);
    }
  }

  @Test
  void dummyHashes_withoutUsers_haveADefaultCost() throws IOException {
    Credentials credentials = parse("token ci " + TOKEN + " roles=read\n");

    assertThat(credentials.dummyHashes(null))
        .singleElement()
        .extracting(PasswordHash::cost)
        .isEqualTo(10);
  }

  @Test
  void replace_entryKeptRemovedOrChanged_decidesWhatItsPrincipalStillHas() throws IOException {
    String user = "user a " + HASH + " roles=read\n";
    String token = "token a " + TOKEN + " roles=read\n";
    Credentials first = parse(user + token);
    Principal ofUser = Objects.requireNonNull(first.user("a")).principal();
    Principal ofToken = Objects.requireNonNull(first.token(TOKEN));

    Credentials second = parse(user.replace("read", "register") + token);
    second.replace(first);
    assertThat(ofUser.stillHas(Role.READ)).isFalse();
    assertThat(ofToken.stillHas(Role.READ)).isTrue();

    Credentials third = parse(user);
    third.replace(second);
    assertThat(ofUser.stillHas(Role.READ)).isTrue();
    assertThat(ofToken.stillHas(Role.READ)).isFalse();

    String otherHash = BCrypt.hashpw("q", BCrypt.gensalt("$2y", 4));
    Credentials fourth = parse(user.replace(HASH, otherHash));
    fourth.replace(third);
    assertThat(ofUser.stillHas(Role.READ)).isFalse();
  }

  @Test
  void read_hugeFile_isRefused() {
    assertThatThrownBy(() -> parse("#".repeat(1024 * 1024 + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(": more than 1048576 bytes");
  }

  @Test
  void read_directory_isRefused() {
    assertThatThrownBy(() -> CredentialsParser.read(directory, null))
        .hasMessageContaining(": not a regular file");
  }

  @Test
  void text_ofCredentials_hasNoSecret() throws IOException {
    Credentials credentials = parse("user a " + HASH + " roles=read\n");

    assertThat(credentials + " " + credentials.user("a")).doesNotContain(HASH);
  }
}
