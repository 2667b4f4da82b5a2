// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The content of a credentials file. Immutable. */
final class Credentials {
  /** A user and the hash of its password. */
  record User(PasswordHash password, Principal principal) {}

  /** The hash that the password of an unknown user is compared with where there are no users. */
  private static final String ANY_HASH =
      "$2y$10$abcdefghijklmnopqrstuuPPz9aLUFIoxqR5u7g0wVrX5pWq8GQ7K";

  private final Map<String, User> users;
  private final Map<String, Principal> tokens;
  private final Map<String, Principal> certificates;
  private final PasswordHash decoy;

  /**
   * @param tokens by their SHA-256 in lower-case hexadecimal
   * @param certificates by the name of the certificate
   */
  Credentials(
      Map<String, User> users, Map<String, Principal> tokens, Map<String, Principal> certificates) {
    this.users = Map.copyOf(users);
    this.tokens = Map.copyOf(tokens);
    this.certificates = Map.copyOf(certificates);
    this.decoy = decoy(this.users);
  }

  /** Returns a hash of the users' cost, so that the time of a refusal does not reveal names. */
  private static PasswordHash decoy(Map<String, User> users) {
    for (User user : users.values()) {
      return user.password();
    }
    PasswordHash any = PasswordHash.parse(ANY_HASH);
    if (any == null) {
      throw new IllegalStateException("the hash for unknown users is malformed");
    }
    return any;
  }

  @Nullable
  User user(String name) {
    return users.get(name);
  }

  /** The hash to spend time on for an unknown user, whatever the result. */
  PasswordHash decoy() {
    return decoy;
  }

  /** @param sha256 of the token, in lower-case hexadecimal */
  @Nullable
  Principal token(String sha256) {
    return tokens.get(sha256);
  }

  /** @param name see {@link CertificateName} */
  @Nullable
  Principal certificate(String name) {
    return certificates.get(name);
  }

  @Override
  public String toString() {
    return "Credentials[users=" + users.size() + ", tokens=" + tokens.size() + ", certificates="
        + certificates.size() + "]";
  }
}
