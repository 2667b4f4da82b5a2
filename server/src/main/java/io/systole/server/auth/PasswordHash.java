// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * The bcrypt hash of a password, and a digest of the password that was found to match it.
 * Thread-safe. Kept while the file has the same hash, so a reload costs no verification.
 */
final class PasswordHash {
  /** Bcrypt ignores the bytes after these. */
  static final int PASSWORD_BYTES_MAX = 72;

  /** One verification takes some seconds at this cost. */
  static final int COST_MAX = 16;

  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");

  private static final int COST_MIN = 4;

  /** The salt and hash of a password that nobody has. */
  private static final String DUMMY = "abcdefghijklmnopqrstuuPPz9aLUFIoxqR5u7g0wVrX5pWq8GQ7K";

  private final String hash;
  private final int cost;

  /**
   * The digest of the matching password, by the key of this process; the password can't be derived
   * from it. It never expires: as long as the hash is the same, only this password matches, and
   * comparing it again would make its user depend on the failures of others at the same address.
   * Written by the verifying threads, read by event loops.
   */
  private volatile byte @Nullable [] verified;

  private PasswordHash(String hash, int cost) {
    this.hash = hash;
    this.cost = cost;
  }

  /** Returns the hash, or null if the text is not one by bcrypt with a cost in 4..16. */
  static @Nullable PasswordHash parse(String text) {
    Matcher matcher = BCRYPT.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    int cost = Integer.parseInt(matcher.group(1));
    return cost >= COST_MIN && cost <= COST_MAX ? new PasswordHash(text, cost) : null;
  }

  /** Returns a hash to compare passwords with for the time it takes, whatever the result. */
  static PasswordHash dummy(int cost) {
    return new PasswordHash(String.format(Locale.ROOT, "$2y$%02d$%s", cost, DUMMY), cost);
  }

  /** Returns the binary logarithm of the rounds of bcrypt. */
  int cost() {
    return cost;
  }

  boolean isSameAs(PasswordHash other) {
    return hash.equals(other.hash);
  }

  /** Compares a password with the hash, which takes long. */
  boolean matches(byte[] password) {
    return BCrypt.checkpw(password, hash);
  }

  /** Records the digest of a matching password. */
  void setVerified(byte[] digest) {
    verified = digest.clone();
  }

  /** Returns whether a password with this digest was found to match. */
  boolean isVerified(byte[] digest) {
    byte[] matching = verified;
    return matching != null && MessageDigest.isEqual(matching, digest);
  }

  @Override
  public String toString() {
    return "PasswordHash";
  }
}
