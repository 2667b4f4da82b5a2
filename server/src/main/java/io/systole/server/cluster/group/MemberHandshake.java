// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.client.net.RegularFile;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * The exchange by which two members admit each other, before the first byte of JGroups: TLS if
 * configured, the name of the cluster, and a mutual proof of the secret. Thread-safe.
 *
 * <pre>
 *   client                                             server
 *   "SYSM"  version 1  SHA-256(name)  nonce 32   →
 *                                                ←  status  nonce 32
 *   HMAC(secret, "client" nonces SHA-256(name))  →
 *                                                ←  status  HMAC(secret, "server" nonces SHA-256(name))
 * </pre>
 *
 * <p>HMAC is HMAC-SHA-256; both nonces are random, the client's first. A status other than
 * {@link #ADMITTED} ends the receiver. The secret itself is never sent. The server proves it only
 * to a client that has proved it, and a proof can't be replayed on another connection. Without TLS,
 * whoever controls the network can read and change what follows.
 */
final class MemberHandshake implements AutoCloseable {
  /** A shorter secret could be guessed from a proof, offline, by someone who poses as a member. */
  static final int SECRET_BYTES_MIN = 16;

  static final int SECRET_BYTES_MAX = 4_096;

  /** Before the name of the file with the secret in each message. */
  private static final String OPTION = "--cluster-secret-file=";

  private static final byte[] MAGIC = "SYSM".getBytes(StandardCharsets.US_ASCII);
  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 32;
  private static final int PROOF_BYTES = 32;

  private static final int ADMITTED = 0;
  private static final int OTHER_NAME = 1;
  private static final int OTHER_SECRET = 2;

  /**
   * The response to bytes that are not this handshake, as from a member with TLS: the TLS alert
   * handshake_failure (RFC 8446 §6).
   */
  private static final byte[] OTHER_PROTOCOL = {21, 3, 3, 0, 2, 2, 40};

  /** The maximum number of bytes drained after a refusal; a ClientHello of TLS has less. */
  private static final int REFUSED_BYTES_MAX = 16 << 10;

  private static final String OTHER_SECRET_REASON =
      "its --cluster-secret-file has another secret, or only one side has the option";

  private static final String TLS_ON_ONE_SIDE =
      "it uses another protocol, or only one side uses TLS";

  private static final byte[] NO_SECRET =
      "no secret of the cluster".getBytes(StandardCharsets.US_ASCII);

  /** The bytes that an admitted connection carries for JGroups. */
  record Streams(InputStream in, OutputStream out) {}

  private final SecureRandom random = new SecureRandom();
  private final byte[] nameHash;
  private final SecretKeySpec secret;
  private final @Nullable MemberTls tls;

  /**
   * Reads the files.
   *
   * @throws IOException if a file can't be used
   */
  MemberHandshake(GroupSettings settings) throws IOException {
    this.nameHash = sha256(settings.name());
    Path file = settings.secretFile();
    this.secret = new SecretKeySpec(file == null ? NO_SECRET : secret(file), "HmacSHA256");
    this.tls = settings.tls() == null ? null : new MemberTls(settings.tls());
  }

  private static byte[] secret(Path file) throws IOException {
    byte[] text;
    try {
      text = RegularFile.text(file, SECRET_BYTES_MAX).strip().getBytes(StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new IOException(OPTION + unreadable.getMessage(), unreadable);
    }
    if (text.length < SECRET_BYTES_MIN) {
      throw new IOException(OPTION + file + ": the secret of the cluster has " + text.length
          + " bytes, and needs at least " + SECRET_BYTES_MIN);
    }
    return text;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }

  /** Begins to check the files for changes. */
  void watchFiles() {
    if (tls != null) {
      tls.watchFiles();
    }
  }

  /**
   * Admits and is admitted by the member at the other end of a connection that this member opened.
   * Blocks; the caller closes the socket when it takes too long.
   *
   * @throws RefusedException if either side refuses the other
   */
  Streams connect(Socket socket) throws IOException {
    Streams streams = secure(socket, true);
    byte[] clientNonce = nonce();
    write(streams, MAGIC, new byte[] {VERSION}, nameHash, clientNonce);
    DataInputStream in = new DataInputStream(streams.in());
    try {
      requireAdmitted(in.readByte());
      byte[] serverNonce = read(in, NONCE_BYTES);
      write(streams, proof("client", clientNonce, serverNonce));
      requireAdmitted(in.readByte());
      byte[] proof = read(in, PROOF_BYTES);
      if (!MessageDigest.isEqual(proof, proof("server", clientNonce, serverNonce))) {
        throw new RefusedException(OTHER_SECRET_REASON);
      }
      return streams;
    } catch (SSLException refused) {
      // In TLS 1.3 the server refuses a certificate after the client's handshake has ended.
      throw refusal(refused);
    }
  }

  private static void requireAdmitted(byte status) throws RefusedException {
    switch (status) {
      case ADMITTED -> {}
      case OTHER_NAME -> throw new RefusedException("it belongs to a cluster with another name");
      case OTHER_SECRET -> throw new RefusedException(OTHER_SECRET_REASON);
      default -> throw new RefusedException(TLS_ON_ONE_SIDE);
    }
  }

  /**
   * Admits and is admitted by the member at the other end of an accepted connection. Blocks like
   * {@link #connect}.
   *
   * @throws RefusedException if this side refuses the other
   */
  Streams accept(Socket socket) throws IOException {
    Streams streams = secure(socket, false);
    InputStream in = streams.in();
    byte[] begin = read(in, MAGIC.length + 1);
    if (!Arrays.equals(begin, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || begin[MAGIC.length] != VERSION) {
      write(streams, OTHER_PROTOCOL);
      drain(socket);
      throw new RefusedException(TLS_ON_ONE_SIDE);
    }
    byte[] name = read(in, nameHash.length);
    byte[] clientNonce = read(in, NONCE_BYTES);
    if (!MessageDigest.isEqual(name, nameHash)) {
      write(streams, new byte[] {OTHER_NAME});
      throw new RefusedException("it joins a cluster with another name");
    }
    byte[] serverNonce = nonce();
    write(streams, new byte[] {ADMITTED}, serverNonce);
    byte[] proof = read(in, PROOF_BYTES);
    if (!MessageDigest.isEqual(proof, proof("client", clientNonce, serverNonce))) {
      write(streams, new byte[] {OTHER_SECRET});
      throw new RefusedException(OTHER_SECRET_REASON);
    }
    write(streams, new byte[] {ADMITTED}, proof("server", clientNonce, serverNonce));
    return streams;
  }

  /**
   * Drains the connection before a lingering close: closing with unread bytes would reset it, and
   * the other side would lose the status.
   */
  private static void drain(Socket socket) {
    try {
      socket.shutdownOutput();
      long ignored = socket.getInputStream().skip(REFUSED_BYTES_MAX);
    } catch (IOException closed) {
      // The other side may have lost the status; the refusal remains.
    }
  }

  private Streams secure(Socket socket, boolean isClient) throws IOException {
    if (tls == null) {
      return new Streams(socket.getInputStream(), socket.getOutputStream());
    }
    try {
      SSLSocket secured = tls.secure(socket, isClient);
      return new Streams(secured.getInputStream(), secured.getOutputStream());
    } catch (SSLException refused) {
      if (!isClient) {
        drain(socket);
      }
      throw refusal(refused);
    }
  }

  /**
   * Returns a refusal for a failure of TLS; or the failure, if the connection has merely ended, as
   * that to a member that stops or is overloaded.
   */
  private static IOException refusal(SSLException failure) {
    return failure.getCause() instanceof EOFException
            || failure.getCause() instanceof SocketException
        ? failure
        : new RefusedException("TLS: " + failure.getMessage());
  }

  /** Reads that many bytes; a connection that ends before is not refused, but merely closed. */
  private static byte[] read(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the connection has ended within the handshake");
    }
    return bytes;
  }

  private byte[] nonce() {
    byte[] bytes = new byte[NONCE_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void write(Streams streams, byte[]... parts) throws IOException {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    streams.out().write(all.array());
    streams.out().flush();
  }

  private byte[] proof(String side, byte[] clientNonce, byte[] serverNonce) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      mac.update(side.getBytes(StandardCharsets.US_ASCII));
      mac.update(clientNonce);
      mac.update(serverNonce);
      return mac.doFinal(nameHash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is missing from the JDK", e);
    }
  }

  /** Stops checking the files. */
  @Override
  public void close() {
    if (tls != null) {
      tls.close();
    }
  }
}
