// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.client.net.RegularFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The credentials of the operator. Messages contain no secret. */
final class CredentialOptions {
  private static final int SECRET_BYTES_MAX = 4096;

  /** RFC 6750 §2.1. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  @Option(names = "--user", paramLabel = "NAME", description = "the user of --password-file")
  private @Nullable String user;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "a file with the password of --user")
  private @Nullable Path passwordFile;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "a file with a token, instead of user and password")
  private @Nullable Path tokenFile;

  /**
   * Returns the value of the field Authorization, or null without credentials.
   *
   * @throws CommandException if the options or files cannot be used
   */
  @Nullable
  String authorization() {
    if ((user == null) != (passwordFile == null)) {
      throw CommandException.usage("--user and --password-file require each other");
    }
    if (user == null || passwordFile == null) {
      return tokenFile == null ? null : "Bearer " + token(tokenFile);
    }
    if (tokenFile != null) {
      throw CommandException.usage("--user and --token-file exclude each other");
    }
    if (user.isEmpty() || user.contains(":")) {
      throw CommandException.usage("--user is empty or contains a colon");
    }
    String pair = user + ":" + secret("--password-file", passwordFile);
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  private static String token(Path file) {
    String token = secret("--token-file", file);
    if (!TOKEN.matcher(token).matches()) {
      throw CommandException.usage("--token-file: " + file + " is not a token of one line");
    }
    return token;
  }

  /** Returns the only line of a file. */
  private static String secret(String option, Path file) {
    try {
      String text = RegularFile.text(file, SECRET_BYTES_MAX).replaceFirst("\r?\n$", "");
      if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
        throw CommandException.usage(option + ": " + file + " is not a secret of one line");
      }
      return text;
    } catch (IOException unusable) {
      throw CommandException.usage(option + ": " + unusable.getMessage());
    }
  }
}
