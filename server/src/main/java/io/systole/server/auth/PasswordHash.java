// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
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

  /** A matching password is verified again after this time. */
  private static final long VALID_NS = TimeUnit.HOURS.toNanos(1);

  /** @param digest by the key of this process; the password can't be derived from it */
  @SuppressWarnings("ArrayRecordComponent") // Compared by MessageDigest.isEqual.
  private record Verified(byte[] digest, long atNs) {}

  private final String hash;

  /** Written by the verifying threads, read by event loops. */
  private volatile @Nullable Verified verified;

  private PasswordHash(String hash) {
    this.hash = hash;
  }

  /** Returns the hash, or null if the text is not one by bcrypt with a cost in 4..16. */
  static @Nullable PasswordHash parse(String text) {
    Matcher matcher = BCRYPT.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    int cost = Integer.parseInt(matcher.group(1));
    return cost >= COST_MIN && cost <= COST_MAX ? new PasswordHash(text) : null;
  }

  boolean isSameAs(PasswordHash other) {
    return hash.equals(other.hash);
  }

  /** Compares a password with the hash, which takes long. */
  boolean matches(byte[] password) {
    return BCrypt.checkpw(password, hash);
  }

  /** Records the digest of a matching password. */
  void setVerified(byte[] digest, long nowNs) {
    verified = new Verified(digest, nowNs);
  }

  /** Returns whether a password with this digest was found to match within the last hour. */
  boolean isVerified(byte[] digest, long nowNs) {
    Verified last = verified;
    return last != null
        && nowNs - last.atNs < VALID_NS
        && MessageDigest.isEqual(last.digest, digest);
  }

  @Override
  public String toString() {
    return "PasswordHash";
  }
}
