// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.systole.protocol.http.RequestHead;
import io.systole.server.auth.Credentials.User;
import io.systole.server.metrics.Counters.AuthFailure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who sends the requests of one connection: by its client certificate or, where a request has one,
 * by the Authorization field. Confined to the connection's loop.
 */
public final class ConnectionIdentity {
  /*
   * A client sends the same field with each request, so authenticating it again takes a comparison
   * of bytes, in constant time, and no allocation:
   *
   *     field equal to that of the principal          -> AUTHENTICATED
   *     token, or password that another connection had verified
   *                                                   -> AUTHENTICATED
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

  /** The outcome of {@link #authenticate}. */
  public enum Outcome {
    AUTHENTICATED,
    /** See {@link #failure}. */
    REFUSED,
    /** The request must be passed again when {@code onVerified} is run, and none until then. */
    PENDING
  }

  /**
   * Maximum length of the Authorization value. Basic authentication encodes it in base64, so this
   * is a password of the maximum of 72 bytes and a name of almost 700.
   */
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

  /** The name that a refused sender gave, or null. */
  private @Nullable String failedName;

  /** The credentials that the principal was found in. */
  private @Nullable Credentials credentials;

  /** The field of the principal; empty if authenticated by a certificate. */
  private byte[] field = NONE;

  /** The field with a password that was refused; empty for none. */
  private byte[] refusedField = NONE;

  /** The user of that field. */
  private @Nullable String refusedName;

  /** The credentials by which it was refused. */
  private @Nullable Credentials refusedBy;

  /** Discards the callback of the pending verification, if there is one. */
  private Runnable discard = ConnectionIdentity::doNothing;

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
   * Returns whether a request with the header fields of the last one would be authenticated: the
   * last one was, with credentials that are still valid.
   */
  public boolean isStillAuthenticated() {
    return outcome == Outcome.AUTHENTICATED && credentials == authenticator.credentials();
  }

  /**
   * Authenticates the sender of a request. Called for every head that the connection's parser
   * returns, in order, because the parser may report only that the fields are unchanged; the
   * previous sender then applies.
   */
  public Outcome authenticate(RequestHead head) {
    Credentials current = authenticator.credentials();
    if (isStillAuthenticated() && (head.headersRepeated() || isSameField(head))) {
      return outcome;
    }
    outcome = authenticateAnew(head, current);
    if (outcome != Outcome.AUTHENTICATED) {
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

  private Outcome authenticateAnew(RequestHead head, Credentials current) {
    int line = head.findHeader(AUTHORIZATION);
    if (line < 0) {
      return authenticateByCertificate(current);
    }
    int length = head.headerValueEnd(line) - head.headerValueStart(line);
    if (length == 0 || length > FIELD_BYTES_MAX || !isOnly(head, line)) {
      return refuse(AuthFailure.MALFORMED);
    }
    byte[] presented =
        Arrays.copyOfRange(head.bytes(), head.headerValueStart(line), head.headerValueEnd(line));
    String text = new String(presented, ISO_8859_1);
    if (text.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authenticateByToken(text.substring(BEARER.length()).strip(), presented, current);
    }
    if (text.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return authenticateByPassword(
          head, text.substring(BASIC.length()).strip(), presented, current);
    }
    return refuse(AuthFailure.MALFORMED);
  }

  private Outcome authenticateByCertificate(Credentials current) {
    if (certificateName == null) {
      return refuse(AuthFailure.MISSING);
    }
    Principal found = current.certificate(certificateName);
    return found == null
        ? refuse(AuthFailure.UNKNOWN_CERTIFICATE, certificateName)
        : authenticated(found, NONE, current);
  }

  /** The digest of a token is looked up, so the time of the look-up reveals nothing of others. */
  private Outcome authenticateByToken(String token, byte[] presented, Credentials current) {
    Principal found = current.token(sha256(token));
    return found == null
        ? refuse(AuthFailure.UNKNOWN_TOKEN)
        : authenticated(found, presented, current);
  }

  private static String sha256(String token) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(ISO_8859_1));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", missing);
    }
  }

  private Outcome authenticateByPassword(
      RequestHead head, String encoded, byte[] presented, Credentials current) {
    if (refusedBy == current && MessageDigest.isEqual(refusedField, presented)) {
      return refuse(AuthFailure.WRONG_PASSWORD, refusedName);
    }
    BasicCredentials basic = BasicCredentials.parse(encoded);
    if (basic == null) {
      return refuse(AuthFailure.MALFORMED);
    }
    String name = basic.name();
    byte[] password = basic.password();
    User user = current.user(name);
    byte[] digest = authenticator.digest(name, password);
    if (user != null && Authenticator.isVerified(user, digest)) {
      return authenticated(user.principal(), presented, current);
    }
    if (!requiresRole.test(head)) {
      return refuse(AuthFailure.MISSING);
    }
    Consumer<Boolean> callback = matches -> verified(matches, presented, name, current);
    AuthFailure notQueued = authenticator.verify(user, password, digest, source, callback);
    if (notQueued != null) {
      return refuse(notQueued, nameForLog(name, current));
    }
    discard = () -> authenticator.discard(user, digest, callback);
    return Outcome.PENDING;
  }

  /** Ends the wait for a pending verification, as the connection has closed. */
  public void close() {
    discard.run();
  }

  /** The placeholder without a pending verification. */
  private static void doNothing() {}

  /** Returns the name of a user, or null for a token, which some clients send as the name. */
  private static @Nullable String nameForLog(String name, Credentials by) {
    return by.token(sha256(name)) == null ? name : null;
  }

  /**
   * Called on a verifier thread; hands the result to the event loop, to which this object is
   * confined.
   */
  private void verified(boolean matches, byte[] presented, String name, Credentials by) {
    try {
      loop.execute(() -> {
        discard = ConnectionIdentity::doNothing;
        if (!matches) {
          refusedField = presented;
          refusedName = nameForLog(name, by);
          refusedBy = by;
        }
        onVerified.run();
      });
    } catch (RejectedExecutionException stopped) {
      // Ignored: the loop shuts down only after its connections, so nobody waits for the result.
      return;
    }
  }

  private Outcome authenticated(Principal found, byte[] presented, Credentials by) {
    principal = found;
    field = presented;
    credentials = by;
    return Outcome.AUTHENTICATED;
  }

  private Outcome refuse(AuthFailure reason) {
    return refuse(reason, null);
  }

  /** @param name the name that the sender gave, or null */
  private Outcome refuse(AuthFailure reason, @Nullable String name) {
    failure = reason;
    failedName = name;
    return Outcome.REFUSED;
  }

  /**
   * Returns whether the authenticated sender may renew leases of an application; allocates nothing.
   */
  public boolean mayRenew(byte[] bytes, int appFrom, int appTo) {
    Principal sender = principal;
    return sender != null && sender.has(Role.REGISTER) && sender.mayChange(bytes, appFrom, appTo);
  }

  /** Returns the sender of the last request, or null if it was refused. */
  public @Nullable Principal principal() {
    return principal;
  }

  /**
   * Returns the reason to refuse the last request, or null.
   *
   * @param head of that request
   * @param role the role that it requires; null for none
   * @param app the application it changes, or null
   */
  public @Nullable AuthFailure refusalOf(
      RequestHead head, @Nullable Role role, @Nullable String app) {
    if (role == null) {
      return null;
    }
    AuthFailure reason = refusalOf(principal, role, app);
    if (reason != null) {
      String name = principal == null ? failedName : principal.name();
      authenticator.failed(reason, source, name, head);
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
