// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.choice;
import static io.systole.server.config.Option.flag;

import io.systole.server.config.PeerOptions.OptionalPath;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import io.systole.server.tls.TlsSettings.FileOptions;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of TLS at the node's own addresses, and of credentials. */
final class SecurityOptions {
  static final Option<OptionalPath> TLS_CERTIFICATE = file(
      "security.tls-certificate",
      "certificate chain in PEM of this node; with it, clients and peers must use https");

  static final Option<OptionalPath> TLS_KEY =
      file("security.tls-key", "private key in PEM (PKCS #8) of --tls-certificate");

  static final Option<OptionalPath> TLS_CLIENT_CA = file(
      "security.tls-client-ca", "CA certificates (PEM) that client certificates must chain to");

  static final Option<ClientCertificate> TLS_CLIENT_AUTH = choice(
      "security.tls-client-auth",
      "none|optional|required",
      ClientCertificate.NONE,
      "whether clients present a certificate");

  static final Option<TlsProvider> TLS_PROVIDER = choice(
      "security.tls-provider",
      "jdk|openssl",
      TlsProvider.JDK,
      "implementation of TLS; openssl needs netty-tcnative-boringssl-static on the class path");

  static final Option<Boolean> MANAGEMENT_TLS = flag(
      "security.management-tls",
      true,
      "use TLS on the management port too if --tls-certificate is given");

  static final Option<OptionalPath> MANAGEMENT_TLS_CERTIFICATE = file(
      "security.management-tls-certificate",
      "certificate chain in PEM of the management port; none: --tls-certificate");

  static final Option<OptionalPath> MANAGEMENT_TLS_KEY = file(
      "security.management-tls-key",
      "private key in PEM (PKCS #8) of --management-tls-certificate");

  static final Option<OptionalPath> MANAGEMENT_TLS_CLIENT_CA = file(
      "security.management-tls-client-ca",
      "CA certificates (PEM) that client certificates of the management port must chain to; none:"
          + " --tls-client-ca");

  /** The certificates that clients of the management port present. */
  enum ManagementClientCertificate {
    /** As on the main port. */
    SAME,
    NONE,
    OPTIONAL,
    REQUIRED
  }

  static final Option<ManagementClientCertificate> MANAGEMENT_TLS_CLIENT_AUTH = choice(
      "security.management-tls-client-auth",
      "same|none|optional|required",
      ManagementClientCertificate.SAME,
      "whether clients of the management port present a certificate");

  static final Option<OptionalPath> CREDENTIALS_FILE = file(
      "security.credentials-file",
      "file of users, tokens and certificates with their roles; none: no credentials required");

  /** The options that require a management port. */
  private static final List<Option<?>> MANAGEMENT = List.of(
      MANAGEMENT_TLS,
      MANAGEMENT_TLS_CERTIFICATE,
      MANAGEMENT_TLS_KEY,
      MANAGEMENT_TLS_CLIENT_CA,
      MANAGEMENT_TLS_CLIENT_AUTH);

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(
      TLS_CERTIFICATE,
      TLS_KEY,
      TLS_CLIENT_CA,
      TLS_CLIENT_AUTH,
      TLS_PROVIDER,
      MANAGEMENT_TLS,
      MANAGEMENT_TLS_CERTIFICATE,
      MANAGEMENT_TLS_KEY,
      MANAGEMENT_TLS_CLIENT_CA,
      MANAGEMENT_TLS_CLIENT_AUTH,
      CREDENTIALS_FILE);

  private final Settings settings;

  private SecurityOptions(Settings settings) {
    this.settings = settings;
  }

  private static Option<OptionalPath> file(String name, String description) {
    return new Option<>(
        name, "FILE", OptionalPath.NONE, "a file, or none", description, OptionalPath::parse);
  }

  /**
   * Returns the settings.
   *
   * @param isManagementSeparate whether there is a management port
   * @throws InvalidOptionException if options contradict each other
   */
  static SecuritySettings read(Settings settings, boolean isManagementSeparate) {
    SecurityOptions options = new SecurityOptions(settings);
    if (!isManagementSeparate) {
      options.refuseManagementOptions();
    }
    TlsSettings tls = options.mainTls();
    return new SecuritySettings(
        tls,
        isManagementSeparate ? options.managementTls(tls) : null,
        options.path(CREDENTIALS_FILE));
  }

  private void refuseManagementOptions() {
    for (Option<?> option : MANAGEMENT) {
      if (!settings.value(option).equals(option.defaultValue())) {
        throw new InvalidOptionException(
            option.flagName() + " has no effect without --management-port");
      }
    }
  }

  private @Nullable TlsSettings mainTls() {
    return tls(
        TLS_CERTIFICATE,
        TLS_KEY,
        TLS_CLIENT_CA,
        path(TLS_CLIENT_CA),
        settings.value(TLS_CLIENT_AUTH),
        TLS_CLIENT_AUTH.flagName() + " needs " + TLS_CLIENT_CA.flagName() + ", and the reverse");
  }

  private @Nullable TlsSettings managementTls(@Nullable TlsSettings main) {
    if (!settings.value(MANAGEMENT_TLS)) {
      return null;
    }
    boolean hasOwnCertificate = path(MANAGEMENT_TLS_CERTIFICATE) != null
        || path(MANAGEMENT_TLS_KEY) != null
        || main == null;
    ClientCertificate clientCertificate = managementClientCertificate();
    Path ownAuthorities = path(MANAGEMENT_TLS_CLIENT_CA);
    Path authorities = ownAuthorities == null ? path(TLS_CLIENT_CA) : ownAuthorities;
    return tls(
        hasOwnCertificate ? MANAGEMENT_TLS_CERTIFICATE : TLS_CERTIFICATE,
        hasOwnCertificate ? MANAGEMENT_TLS_KEY : TLS_KEY,
        ownAuthorities == null ? TLS_CLIENT_CA : MANAGEMENT_TLS_CLIENT_CA,
        // Inherited authorities are of no use where no certificate is requested.
        clientCertificate == ClientCertificate.NONE ? ownAuthorities : authorities,
        clientCertificate,
        MANAGEMENT_TLS_CLIENT_AUTH.flagName() + " needs " + MANAGEMENT_TLS_CLIENT_CA.flagName()
            + ", and the reverse");
  }

  private ClientCertificate managementClientCertificate() {
    return switch (settings.value(MANAGEMENT_TLS_CLIENT_AUTH)) {
      case SAME -> settings.value(TLS_CLIENT_AUTH);
      case NONE -> ClientCertificate.NONE;
      case OPTIONAL -> ClientCertificate.OPTIONAL;
      case REQUIRED -> ClientCertificate.REQUIRED;
    };
  }

  private @Nullable TlsSettings tls(
      Option<OptionalPath> certificateOption,
      Option<OptionalPath> keyOption,
      Option<OptionalPath> authoritiesOption,
      @Nullable Path authorities,
      ClientCertificate clientCertificate,
      String contradiction) {
    Path certificate = path(certificateOption);
    Path key = path(keyOption);
    if ((certificate == null) != (key == null)) {
      Option<?> given = certificate == null ? keyOption : certificateOption;
      throw new InvalidOptionException(settings.of(given).source() + ": "
          + certificateOption.flagName() + " and " + keyOption.flagName() + " require each other");
    }
    if ((authorities == null) != (clientCertificate == ClientCertificate.NONE)) {
      throw new InvalidOptionException(contradiction);
    }
    if (certificate == null || key == null) {
      if (clientCertificate != ClientCertificate.NONE) {
        throw new InvalidOptionException(
            "client certificates have no effect without " + certificateOption.flagName());
      }
      return null;
    }
    return new TlsSettings(
        certificate,
        key,
        authorities,
        clientCertificate,
        settings.value(TLS_PROVIDER),
        new FileOptions(
            certificateOption.flagName(), keyOption.flagName(), authoritiesOption.flagName()));
  }

  private @Nullable Path path(Option<OptionalPath> option) {
    return settings.value(option).path();
  }
}
