// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A user and a password as sent by Basic authentication (RFC 7617).
 *
 * @param name not empty
 * @param password 1..72 bytes, none of them zero
 */
@SuppressWarnings("ArrayRecordComponent") // Read, never compared.
record BasicCredentials(String name, byte[] password) {
  /** Returns the decoded credentials, or null if they are malformed or no user can have them. */
  static @Nullable BasicCredentials parse(String encoded) {
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
    int colon = indexOf(decoded, ':');
    if (colon <= 0) {
      return null;
    }
    byte[] password = Arrays.copyOfRange(decoded, colon + 1, decoded.length);
    // Bcrypt would take the part of a longer one, or up to a zero, for the whole.
    boolean isUsable = password.length > 0
        && password.length <= PasswordHash.PASSWORD_BYTES_MAX
        && indexOf(password, '\0') < 0;
    return isUsable ? new BasicCredentials(new String(decoded, 0, colon, UTF_8), password) : null;
  }

  private static int indexOf(byte[] bytes, char wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
