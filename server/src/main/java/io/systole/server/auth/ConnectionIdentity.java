// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.protocol.http.RequestHead;
import io.systole.server.auth.Credentials.User;
import io.systole.server.metrics.Counters.AuthFailure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who sends the requests of one connection: by its client certificate or, where a request has one,
 * by the Authorization field. Confined to the connection's loop.
 */
public final class ConnectionIdentity {
  /*
   * A client sends the same field with each request, so identifying it again takes a comparison of
   * bytes, in constant time, and no allocation:
   *
   *     field equal to that of the principal          -> IDENTIFIED
   *     token, or password that another connection had verified
   *                                                   -> IDENTIFIED
   *     password of a request that requires no role   -> REFUSED, which does not affect it
   *     password not verified yet                     -> PENDING, on another thread
   *                                                        |-- matches -> the same request again
   *                                                        `-- else    -> REFUSED
   *     field equal to that of a password refused on this connection
   *                                                   -> REFUSED
   *
   * Each outcome holds for the credentials it was found with: a reload that removes a user or
   * changes a hash affects the next request.
   */

  /** The outcome of {@link #identify}. */
  public enum Outcome {
    IDENTIFIED,
    /** See {@link #failure}. */
    REFUSED,
    /** The request must be passed again when {@code onVerified} is run, and none until then. */
    PENDING
  }

  /** Names and passwords of the maximum size, and tokens of 700 bytes. */
  static final int FIELD_BYTES_MAX = 1_024;

  private static final String AUTHORIZATION = "authorization";
  private static final String BASIC = "basic ";
  private static final String BEARER = "bearer ";
  private static final byte[] NONE = {};

  private final Authenticator authenticator;
  private final Object source;
  private final Executor loop;
  private final Predicate<RequestHead> requiresRole;
  private final Runnable onVerified;

  /** The name of the client certificate, or null. */
  private @Nullable String certificateName;

  private Outcome outcome = Outcome.REFUSED;
  private @Nullable Principal principal;
  private AuthFailure failure = AuthFailure.MISSING;

  /** The credentials that the principal was found in. */
  private @Nullable Credentials credentials;

  /** The field of the principal; empty if identified by a certificate. */
  private byte[] field = NONE;

  /** The field with a password that was refused; empty for none. */
  private byte[] refusedField = NONE;

  /** The credentials by which it was refused. */
  private @Nullable Credentials refusedBy;

  /**
   * Creates the identity of a new connection.
   *
   * @param source identifies the source address; its text is logged
   * @param loop the event loop of the connection
   * @param requiresRole returns whether a request requires a role; no password is compared for one
   *     that does not
   * @param onVerified run on the loop when a pending verification is complete
   */
  public ConnectionIdentity(
      Authenticator authenticator,
      Object source,
      Executor loop,
      Predicate<RequestHead> requiresRole,
      Runnable onVerified) {
    this.authenticator = authenticator;
    this.source = source;
    this.loop = loop;
    this.requiresRole = requiresRole;
    this.onVerified = onVerified;
  }

  /** Sets the name of the client certificate. Called before the first request. */
  public void setCertificateName(@Nullable String name) {
    certificateName = name;
  }

  /**
   * Identifies the sender of a request. Called for every head that the connection's parser returns,
   * in order, because a head that repeats the one before also has its sender.
   */
  public Outcome identify(RequestHead head) {
    Credentials current = authenticator.credentials();
    if (outcome == Outcome.IDENTIFIED
        && credentials == current
        && (head.headersRepeated() || isSameField(head))) {
      return outcome;
    }
    outcome = identifyAnew(head, current);
    if (outcome != Outcome.IDENTIFIED) {
      principal = null;
      field = NONE;
    }
    return outcome;
  }

  /** Returns whether the request has only the field of the principal, or none as before. */
  private boolean isSameField(RequestHead head) {
    int line = head.findHeader(AUTHORIZATION);
    return line < 0
        ? field.length == 0
        : field.length > 0 && isOnly(head, line) && isEqual(head, line, field);
  }

  private static boolean isOnly(RequestHead head, int line) {
    return head.findHeader(AUTHORIZATION, line + 1) < 0;
  }

  /** Compares in a time that depends on the lengths only. */
  private static boolean isEqual(RequestHead head, int line, byte[] expected) {
    int from = head.headerValueStart(line);
    if (head.headerValueEnd(line) - from != expected.length) {
      return false;
    }
    byte[] bytes = head.bytes();
    int difference = 0;
    for (int i = 0; i < expected.length; i++) {
      difference |= bytes[from + i] ^ expected[i];
    }
    return difference == 0;
  }

  private Outcome identifyAnew(RequestHead head, Credentials current) {
    int line = head.findHeader(AUTHORIZATION);
    if (line < 0) {
      return identifyByCertificate(current);
    }
    int length = head.headerValueEnd(line) - head.headerValueStart(line);
    if (length == 0 || length > FIELD_BYTES_MAX || !isOnly(head, line)) {
      return refuse(AuthFailure.MALFORMED);
    }
    byte[] presented =
        Arrays.copyOfRange(head.bytes(), head.headerValueStart(line), head.headerValueEnd(line));
    String text = new String(presented, ISO_8859_1);
    if (text.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return identifyByToken(text.substring(BEARER.length()).strip(), presented, current);
    }
    if (text.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return identifyByPassword(head, text.substring(BASIC.length()).strip(), presented, current);
    }
    return refuse(AuthFailure.MALFORMED);
  }

  private Outcome identifyByCertificate(Credentials current) {
    if (certificateName == null) {
      return refuse(AuthFailure.MISSING);
    }
    Principal found = current.certificate(certificateName);
    return found == null
        ? refuse(AuthFailure.UNKNOWN_CERTIFICATE)
        : identified(found, NONE, current);
  }

  /** The digest of a token is looked up, so the time of the look-up reveals nothing of others. */
  private Outcome identifyByToken(String token, byte[] presented, Credentials current) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(ISO_8859_1));
      Principal found = current.token(HexFormat.of().formatHex(digest));
      return found == null
          ? refuse(AuthFailure.UNKNOWN_TOKEN)
          : identified(found, presented, current);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", missing);
    }
  }

  private Outcome identifyByPassword(
      RequestHead head, String encoded, byte[] presented, Credentials current) {
    if (refusedBy == current && MessageDigest.isEqual(refusedField, presented)) {
      return refuse(AuthFailure.WRONG_PASSWORD);
    }
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException malformed) {
      return refuse(AuthFailure.MALFORMED);
    }
    int colon = indexOf(decoded, ':');
    if (colon <= 0) {
      return refuse(AuthFailure.MALFORMED);
    }
    byte[] password = Arrays.copyOfRange(decoded, colon + 1, decoded.length);
    // Bcrypt would take the part of a longer one, or up to a zero, for the whole.
    if (password.length == 0
        || password.length > PasswordHash.PASSWORD_BYTES_MAX
        || indexOf(password, '\0') >= 0) {
      return refuse(AuthFailure.MALFORMED);
    }
    String name = new String(decoded, 0, colon, UTF_8);
    User user = current.user(name);
    byte[] digest = authenticator.digest(name, password);
    if (user != null && Authenticator.isVerified(user, digest)) {
      return identified(user.principal(), presented, current);
    }
    if (!requiresRole.test(head)) {
      return refuse(AuthFailure.MISSING);
    }
    boolean isQueued = authenticator.verify(
        user, password, digest, source, matches -> verified(matches, presented, current));
    return isQueued ? Outcome.PENDING : refuse(AuthFailure.OVERLOADED);
  }

  private static int indexOf(byte[] bytes, char wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  /** Continues on the loop after a verification. */
  private void verified(boolean matches, byte[] presented, Credentials by) {
    try {
      loop.execute(() -> {
        if (!matches) {
          refusedField = presented;
          refusedBy = by;
        }
        onVerified.run();
      });
    } catch (RejectedExecutionException stopped) {
      // The loops end after their connections.
      return;
    }
  }

  private Outcome identified(Principal found, byte[] presented, Credentials by) {
    principal = found;
    field = presented;
    credentials = by;
    return Outcome.IDENTIFIED;
  }

  private Outcome refuse(AuthFailure reason) {
    failure = reason;
    return Outcome.REFUSED;
  }

  /**
   * Returns whether the identified sender may renew leases of an application; allocates nothing.
   */
  public boolean mayRenew(byte[] bytes, int appFrom, int appTo) {
    Principal sender = principal;
    return sender != null && sender.has(Role.REGISTER) && sender.mayChange(bytes, appFrom, appTo);
  }

  /** Returns the sender of the request identified last, or null if it was refused. */
  public @Nullable Principal principal() {
    return principal;
  }

  /**
   * Returns the reason to refuse the request identified last, or null.
   *
   * @param role the role that it requires; null for none
   * @param app the application it changes, or null
   */
  public @Nullable AuthFailure refusalOf(@Nullable Role role, @Nullable String app) {
    if (role == null) {
      return null;
    }
    AuthFailure reason = refusalOf(principal, role, app);
    if (reason != null) {
      authenticator.failed(reason, source, principal);
    }
    return reason;
  }

  private @Nullable AuthFailure refusalOf(
      @Nullable Principal sender, Role role, @Nullable String app) {
    if (sender == null) {
      return failure;
    }
    if (!sender.has(role)) {
      return AuthFailure.ROLE;
    }
    if (role == Role.READ || app == null || sender.mayChange(app)) {
      return null;
    }
    return AuthFailure.APPLICATION;
  }
}
