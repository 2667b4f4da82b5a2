// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** The name by which the holder of a client certificate is authenticated. */
public final class CertificateName {
  private static final Integer DNS_NAME = 2;

  private CertificateName() {}

  /** Returns the common name of the subject, else its first DNS name, else null. */
  public static @Nullable String of(X509Certificate certificate) {
    String commonName = commonName(certificate);
    return commonName == null ? dnsName(certificate) : commonName;
  }

  /** Returns the most specific common name. */
  private static @Nullable String commonName(X509Certificate certificate) {
    try {
      String found = null;
      // From the least specific name to the most specific.
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase("CN") && rdn.getValue() instanceof String name) {
          found = name;
        }
      }
      return found;
    } catch (InvalidNameException malformed) {
      return null;
    }
  }

  private static @Nullable String dnsName(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (DNS_NAME.equals(name.get(0))) {
            return (String) name.get(1);
          }
        }
      }
      return null;
    } catch (CertificateParsingException malformed) {
      return null;
    }
  }
}
