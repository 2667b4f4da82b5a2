// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The content of a credentials file. Immutable. */
final class Credentials {
  /** A user and the hash of its password. */
  record User(PasswordHash password, Principal principal) {}

  /** The cost at which the password of an unknown user is compared where there are no users. */
  private static final int DEFAULT_COST = 10;

  private final Map<String, User> users;
  private final Map<String, Principal> tokens;
  private final Map<String, Principal> certificates;
  private final int costMax;

  /**
   * @param tokens by their SHA-256 in lower-case hexadecimal
   * @param certificates by the name of the certificate
   */
  Credentials(
      Map<String, User> users, Map<String, Principal> tokens, Map<String, Principal> certificates) {
    this.users = Map.copyOf(users);
    this.tokens = Map.copyOf(tokens);
    this.certificates = Map.copyOf(certificates);
    this.costMax =
        users.values().stream().mapToInt(user -> user.password().cost()).max().orElse(DEFAULT_COST);
  }

  @Nullable
  User user(String name) {
    return users.get(name);
  }

  /**
   * Returns the hashes that a refused password is compared with in addition to that of its user, so
   * that the time of a refusal does not reveal names.
   *
   * @param user null for an unknown one
   */
  List<PasswordHash> dummyHashes(@Nullable User user) {
    // A comparison takes 2^cost rounds, and 2^c + (2^c + 2^(c+1) + ... + 2^(max-1)) = 2^max.
    return user == null
        ? List.of(PasswordHash.dummy(costMax))
        : IntStream.range(user.password().cost(), costMax)
            .mapToObj(PasswordHash::dummy)
            .toList();
  }

  /** Makes these the credentials that principals of those before refer to. */
  void replace(Credentials before) {
    before.users.forEach((name, user) -> {
      User now = users.get(name);
      boolean isSame = now != null && now.password().isSameAs(user.password());
      user.principal().replaceBy(now != null && isSame ? now.principal() : null);
    });
    before.tokens.forEach((digest, principal) -> principal.replaceBy(tokens.get(digest)));
    before.certificates.forEach((name, principal) -> principal.replaceBy(certificates.get(name)));
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
