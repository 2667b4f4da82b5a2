// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.api.TlsFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads certificates and private keys from PEM files (RFC 7468). Messages contain no key. */
public final class PemFiles {
  /** A certificate with its chain, and the private key of the first. */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  public record Identity(PrivateKey key, X509Certificate[] chain) {
    @Override
    public String toString() {
      return "Identity[" + chain[0].getSubjectX500Principal() + "]";
    }
  }

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private static final Pattern TRADITIONAL_KEY =
      Pattern.compile("-----BEGIN [A-Z]+ PRIVATE KEY-----");

  /**
   * The algorithms of keys, each with a signature by which a key is compared with its certificate.
   */
  private static final List<List<String>> ALGORITHMS = List.of(
      List.of("RSA", "SHA256withRSA"), List.of("EC", "SHA256withECDSA"), List.of("EdDSA", "EdDSA"));

  private static final byte[] SIGNED = "certificate and key".getBytes(StandardCharsets.US_ASCII);

  private PemFiles() {}

  /**
   * Reads one or more certificates.
   *
   * @throws IOException if the file cannot be read or contains no certificates
   */
  public static X509Certificate[] certificates(Path file) throws IOException {
    byte[] text = RegularFile.bytes(file, RegularFile.BYTES_MAX);
    String pem = new String(text, StandardCharsets.ISO_8859_1);
    if (!pem.contains("-----BEGIN CERTIFICATE-----")) {
      throw new IOException(file + " contains no certificate in PEM, \"BEGIN CERTIFICATE\""
          + (pem.contains(" PRIVATE KEY-----") ? ", but a private key" : ""));
    }
    try {
      X509Certificate[] certificates = CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(text))
          .toArray(X509Certificate[]::new);
      if (certificates.length == 0) {
        throw new IOException(file + " contains no certificate");
      }
      return certificates;
    } catch (CertificateException e) {
      throw new IOException(file + " is not a file of certificates: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a certificate chain and its private key.
   *
   * @throws IOException if a file cannot be used, or the key is not that of the first certificate
   */
  public static Identity identity(Path certificateFile, Path keyFile) throws IOException {
    X509Certificate[] chain = certificates(certificateFile);
    PrivateKey key = privateKey(keyFile);
    if (!isPair(key, chain[0].getPublicKey())) {
      throw new IOException(
          keyFile + " is not the key of the first certificate in " + certificateFile);
    }
    return new Identity(key, chain);
  }

  private static PrivateKey privateKey(Path file) throws IOException {
    String pem =
        new String(RegularFile.bytes(file, RegularFile.BYTES_MAX), StandardCharsets.ISO_8859_1);
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw new IOException(file + whyNoKey(file, pem));
    }
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " contains a malformed key", e);
    }
    for (List<String> algorithm : ALGORITHMS) {
      PrivateKey key = decode(encoded, algorithm.get(0));
      if (key != null) {
        return key;
      }
    }
    throw new IOException(file + " contains no key of RSA, EC or EdDSA");
  }

  private static String whyNoKey(Path file, String pem) {
    String convert = "; convert it: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out NEW_FILE";
    if (pem.contains("ENCRYPTED")) {
      return " contains an encrypted key" + convert;
    }
    if (TRADITIONAL_KEY.matcher(pem).find()) {
      return " contains a key in traditional format, not PKCS #8" + convert;
    }
    return " contains no private key in PEM, \"BEGIN PRIVATE KEY\""
        + (pem.contains("-----BEGIN CERTIFICATE-----") ? ", but a certificate" : "");
  }

  /** Returns the key, or null if it is not one of the algorithm. */
  private static @Nullable PrivateKey decode(PKCS8EncodedKeySpec encoded, String algorithm) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
    } catch (InvalidKeySpecException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + " is missing from the JDK", e);
    }
  }

  private static boolean isPair(PrivateKey key, PublicKey certified) throws IOException {
    for (List<String> algorithm : ALGORITHMS) {
      if (algorithm.get(0).equals(key.getAlgorithm())) {
        return key.getAlgorithm().equals(certified.getAlgorithm())
            && verifies(key, certified, algorithm.get(1));
      }
    }
    throw new IllegalStateException("key of an unknown algorithm: " + key.getAlgorithm());
  }

  private static boolean verifies(PrivateKey key, PublicKey certified, String algorithm)
      throws IOException {
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(SIGNED);
      byte[] signature = signer.sign();
      signer.initVerify(certified);
      signer.update(SIGNED);
      return signer.verify(signature);
    } catch (GeneralSecurityException e) {
      throw new IOException("the key cannot sign: " + e.getMessage(), e);
    }
  }

  /** Returns the files that are given. */
  public static List<Path> pathsOf(TlsFiles files) {
    return Stream.of(files.authorities(), files.certificates(), files.key())
        .filter(Objects::nonNull)
        .map(Path.class::cast)
        .toList();
  }

  /** Returns the exception for files that cannot be used. */
  public static IllegalArgumentException unusable(TlsFiles files, Exception cause) {
    return new IllegalArgumentException(
        "cannot use the TLS files authorities=" + files.authorities() + " certificates="
            + files.certificates() + " key=" + files.key() + ": " + cause.getMessage(),
        cause);
  }
}
