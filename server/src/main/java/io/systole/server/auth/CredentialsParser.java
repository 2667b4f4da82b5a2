// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import io.systole.client.net.RegularFile;
import io.systole.server.auth.Credentials.User;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses a credentials file. Messages contain the number of a line but nothing secret. */
final class CredentialsParser {
  /*
   *   user        NAME BCRYPT roles=ROLE,...  [apps=NAME,PREFIX*,...]
   *   token       NAME SHA256 roles=ROLE,...  [apps=NAME,PREFIX*,...]
   *   certificate NAME        roles=ROLE,...  [apps=NAME,PREFIX*,...]
   *
   * A name with spaces is quoted. A line that begins with # is a comment.
   */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern APP = Pattern.compile("[^*]+\\*?|\\*");
  private static final String ROLES = "roles=";
  private static final String APPS = "apps=";

  /** Bounds the cost of a heartbeat, which is matched against every pattern. */
  private static final int APPS_MAX = 64;

  private final @Nullable Credentials previous;
  private final Map<String, User> users = new HashMap<>();
  private final Map<String, Principal> tokens = new HashMap<>();
  private final Map<String, Principal> certificates = new HashMap<>();

  private CredentialsParser(@Nullable Credentials previous) {
    this.previous = previous;
  }

  /**
   * Reads a file.
   *
   * @param previous the credentials read before, whose verified passwords remain verified; or null
   * @throws IllegalArgumentException if the file cannot be read or is malformed
   */
  static Credentials read(Path file, @Nullable Credentials previous) {
    String text;
    try {
      text = RegularFile.text(file, RegularFile.BYTES_MAX);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "cannot read the credentials file " + unreadable.getMessage(), unreadable);
    }
    List<String> lines = text.lines().toList();
    // A line cut within its roles or applications could still be valid, and permit more.
    if (!text.isEmpty() && !text.endsWith("\n")) {
      throw new IllegalArgumentException(file + " line " + lines.size()
          + ": no line break at its end; the file may have been read while it was written");
    }
    return new CredentialsParser(previous).parse(file, lines);
  }

  private Credentials parse(Path file, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          add(wordsOf(line));
        } catch (IllegalArgumentException malformed) {
          throw new IllegalArgumentException(
              file + " line " + (i + 1) + ": " + malformed.getMessage(), malformed);
        }
      }
    }
    if (users.isEmpty() && tokens.isEmpty() && certificates.isEmpty()) {
      throw new IllegalArgumentException(file + " contains no user, token or certificate");
    }
    return new Credentials(users, tokens, certificates);
  }

  private static List<String> wordsOf(String line) {
    List<String> words = new ArrayList<>();
    Matcher found = WORD.matcher(line);
    while (found.find()) {
      words.add(found.group(1) == null ? found.group(2) : found.group(1));
    }
    return words;
  }

  private void add(List<String> words) {
    String kind = words.get(0);
    int attributes = switch (kind) {
      case "user", "token" -> 3;
      case "certificate" -> 2;
      default ->
        throw new IllegalArgumentException("does not begin with user, token or certificate");
    };
    if (words.size() < attributes) {
      throw new IllegalArgumentException("expected: "
          + switch (kind) {
            case "user" -> "user NAME HASH roles=...";
            case "token" -> "token NAME HASH roles=...";
            default -> "certificate NAME roles=...";
          });
    }
    String name = words.get(1);
    Principal principal = principal(name, words.subList(attributes, words.size()));
    if (kind.equals("certificate")) {
      put(certificates, name, principal);
    } else if (kind.equals("token")) {
      put(tokens, parseTokenHash(words.get(2)), principal);
    } else {
      put(users, name, new User(password(name, words.get(2)), principal));
    }
  }

  private static <V> void put(Map<String, V> entries, String key, V value) {
    if (entries.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("this user, token or certificate is already defined");
    }
  }

  private PasswordHash password(String name, String text) {
    if (name.isEmpty() || name.contains(":")) {
      throw new IllegalArgumentException("the name of a user is empty or contains a colon");
    }
    PasswordHash hash = PasswordHash.parse(text);
    if (hash == null) {
      throw new IllegalArgumentException("the password is not a bcrypt hash of a cost up to "
          + PasswordHash.COST_MAX + "; htpasswd -nB NAME makes one");
    }
    User before = previous == null ? null : previous.user(name);
    return before != null && before.password().isSameAs(hash) ? before.password() : hash;
  }

  private static String parseTokenHash(String text) {
    String lowerCase = text.toLowerCase(Locale.ROOT);
    if (!SHA256.matcher(lowerCase).matches()) {
      throw new IllegalArgumentException("the token is not a SHA-256 hash in hexadecimal");
    }
    return lowerCase;
  }

  private static Principal principal(String name, List<String> attributes) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    List<String> apps = new ArrayList<>();
    for (String attribute : attributes) {
      if (attribute.startsWith(ROLES) && roles.isEmpty()) {
        valuesOf(attribute, ROLES).forEach(role -> roles.add(role(role)));
      } else if (attribute.startsWith(APPS) && apps.isEmpty()) {
        apps.addAll(valuesOf(attribute, APPS));
      } else {
        throw new IllegalArgumentException(
            "unknown or repeated attribute; expected roles=... and optionally apps=...,"
                + " each at most once");
      }
    }
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("has no roles=");
    }
    if (apps.size() > APPS_MAX
        || !apps.stream().allMatch(app -> APP.matcher(app).matches())) {
      throw new IllegalArgumentException(
          "apps= is not up to " + APPS_MAX + " names, or beginnings of names with a star");
    }
    return new Principal(name, roles, apps);
  }

  private static List<String> valuesOf(String attribute, String key) {
    return List.of(attribute.substring(key.length()).split(",", -1));
  }

  private static Role role(String text) {
    return Arrays.stream(Role.values())
        .filter(role -> role.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("a role is not one of read, register, peer, manage"));
  }
}
