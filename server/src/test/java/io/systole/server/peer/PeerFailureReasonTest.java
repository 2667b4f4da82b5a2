// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class PeerFailureReasonTest {
  /** Returns a failed handshake as the JDK and Netty report it. */
  private static Throwable handshake(Throwable cause) {
    SSLHandshakeException failure = new SSLHandshakeException(String.valueOf(cause.getMessage()));
    failure.initCause(cause);
    return new CompletionException(new DecoderException(failure));
  }

  @Test
  void of_failureWithACause_isBothMessages() {
    Throwable failure =
        new IOException("cannot connect to a:1", new ConnectException("Connection refused"));

    assertThat(PeerFailureReason.of(new ExecutionException(failure)))
        .isEqualTo("cannot connect to a:1: Connection refused");
  }

  @Test
  void of_noMessage_isTheType() {
    assertThat(PeerFailureReason.of(new IllegalStateException()))
        .isEqualTo("IllegalStateException");
    assertThat(PeerFailureReason.of(null)).isEqualTo("no reason given");
  }

  /** Regression: the text was there twice, ended within a word, and named no option. */
  @Test
  void of_authorityIsUnknown_namesTheOptionOnce() {
    Throwable path =
        new CertPathBuilderException("unable to find valid certification path to requested target");
    Throwable validator = new CertificateException("PKIX path building failed: " + path, path);

    String reason = PeerFailureReason.of(handshake(validator));

    assertThat(reason)
        .isEqualTo("the certificate of the peer is not trusted: unable to find valid certification"
            + " path to requested target; --peer-ca names the trusted authorities");
  }

  @Test
  void of_certificateHasExpired_doesNotAskForAnAuthority() {
    Throwable expired = new CertificateExpiredException("NotAfter: Sat Nov 21 10:00:00 UTC 2026");
    Throwable path = new CertPathValidatorException("validity check failed", expired);
    Throwable validator = new CertificateException("PKIX path validation failed: " + path, path);

    String reason = PeerFailureReason.of(handshake(validator));

    assertThat(reason)
        .isEqualTo("the certificate of the peer, or of its authority, is not valid now: NotAfter:"
            + " Sat Nov 21 10:00:00 UTC 2026");
  }

  @Test
  void of_certificateOfAnotherName_isNotAccepted() {
    Throwable name = new CertificateException("No name matching peer.test found");

    assertThat(PeerFailureReason.of(handshake(name)))
        .isEqualTo("the certificate of the peer is not accepted: No name matching peer.test found");
  }

  @Test
  void of_peerRequiresACertificate_namesTheOption() {
    Throwable alert = new SSLHandshakeException("Received fatal alert: certificate_required");

    assertThat(PeerFailureReason.of(new DecoderException(alert)))
        .isEqualTo("the peer requires a certificate that it trusts, see --peer-certificate:"
            + " Received fatal alert: certificate_required");
  }

  /** Regression: the types of three exceptions were in the log. */
  @Test
  void of_unknownHost_isItsName() {
    Throwable unknown = new UnknownHostException("peer.test: Name or service not known");

    assertThat(PeerFailureReason.of(new CompletionException(new CompletionException(unknown))))
        .isEqualTo("unknown host peer.test: Name or service not known");
  }

  @Test
  void of_timeout_saysSo() {
    assertThat(PeerFailureReason.of(new TimeoutException())).isEqualTo("timed out");
  }

  @Test
  void truncated_longText_endsWithAWholeWord() {
    String words = "certification ".repeat(100);

    String truncated = PeerFailureReason.truncated(words);

    assertThat(truncated).endsWith("certification ...").hasSizeLessThanOrEqualTo(300);
    assertThat(PeerFailureReason.truncated(truncated)).isEqualTo(truncated);
  }

  @Test
  void truncated_longWord_isCut() {
    assertThat(PeerFailureReason.truncated("4".repeat(10_000))).hasSize(300).endsWith("44 ...");
  }
}
