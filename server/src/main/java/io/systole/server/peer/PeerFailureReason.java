// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The reasons of failed requests to peers, which may contain text of the peer. */
final class PeerFailureReason {
  /** The maximum length of a text, which a peer may have written. */
  private static final int CHARS_MAX = 300;

  /** The most that {@link #truncated} removes to end with a whole word. */
  private static final int WORD_CHARS_MAX = 60;

  /** The end of a truncated text. */
  private static final String ELLIPSIS = " ...";

  private PeerFailureReason() {}

  /** Returns a text of a peer, or of an operator, in a length fit for the log. */
  static String truncated(String text) {
    if (text.length() <= CHARS_MAX) {
      return text;
    }
    int end = CHARS_MAX - ELLIPSIS.length();
    int space = text.lastIndexOf(' ', end);
    return text.substring(0, end - space <= WORD_CHARS_MAX ? space : end) + ELLIPSIS;
  }

  /** Returns the message of a failure and that of its cause. */
  static String of(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null && isWrapper(cause)) {
      cause = cause.getCause();
    }
    if (cause == null) {
      return "no reason given";
    }
    if (cause instanceof SSLException) {
      return truncated(ofTls(cause));
    }
    Throwable root = cause.getCause();
    return textOf(cause) + (root == null ? "" : ": " + textOf(root));
  }

  /** Returns whether a failure adds nothing to its cause. */
  private static boolean isWrapper(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException
        || failure instanceof ExecutionException
        || failure instanceof UncheckedIOException
        || (cause != null && cause.toString().equals(failure.getMessage()));
  }

  private static String textOf(Throwable failure) {
    if (failure instanceof EOFException || failure instanceof ZipException) {
      // Of the decompression; the message may be absent.
      return "corrupt or incomplete gzip body";
    }
    if (failure instanceof TimeoutException) {
      return "timed out";
    }
    String message = failure.getMessage();
    if (message == null) {
      return failure.getClass().getSimpleName();
    }
    return (failure instanceof UnknownHostException ? "unknown host " : "") + truncated(message);
  }

  /** Returns what an operator has to know of a failed handshake. */
  private static String ofTls(Throwable failure) {
    Throwable root = failure;
    boolean isOfCertificate = false;
    boolean isOfPath = false;
    while (root.getCause() != null) {
      root = root.getCause();
      isOfCertificate |= root instanceof CertificateException;
      isOfPath |=
          root instanceof CertPathBuilderException || root instanceof CertPathValidatorException;
    }
    String text = textOf(root);
    if (root instanceof CertificateExpiredException
        || root instanceof CertificateNotYetValidException) {
      return "the certificate of the peer, or of its authority, is not valid now: " + text;
    }
    if (isOfPath) {
      return "the certificate of the peer is not trusted: " + text
          + "; --peer-ca names the trusted authorities";
    }
    if (isOfCertificate) {
      return "the certificate of the peer is not accepted: " + text;
    }
    boolean isRefused = text.contains("fatal alert")
        && (text.contains("certificate") || text.contains("unknown_ca"));
    return isRefused
        ? "the peer requires a certificate that it trusts, see --peer-certificate: " + text
        : text;
  }
}
