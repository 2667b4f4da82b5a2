// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.ConfigFile.Entry;
import io.systole.server.config.SpringNames.OptionMapping;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names by which a Spring file secures its server. Unlike those in {@link SpringNames}, their
 * meaning depends on other values of the file.
 */
final class SpringTls {
  /**
   * The meaning of a name.
   *
   * @param counterpart null if there is none
   * @param reason the reason why there is no counterpart; null for a value that the node has anyway
   * @param required options of which the node needs one to start, since it would be less secure
   *     than the file requires; empty for none
   */
  record Meaning(
      @Nullable OptionMapping counterpart, @Nullable String reason, List<Option<?>> required) {
    private static final Meaning HONOURED = new Meaning(null, null, List.of());

    static Meaning of(OptionMapping counterpart) {
      return new Meaning(counterpart, null, List.of());
    }

    static Meaning none(String reason) {
      return new Meaning(null, reason, List.of());
    }
  }

  /**
   * The options of one listener.
   *
   * @param encrypting the options of which one makes the listener use TLS
   */
  private record Listener(
      String prefix,
      Option<?> certificate,
      Option<?> key,
      Option<?> authorities,
      Option<?> clientCertificate,
      List<Option<?>> encrypting) {}

  private static final Listener MAIN = new Listener(
      "server.ssl.",
      SecurityOptions.TLS_CERTIFICATE,
      SecurityOptions.TLS_KEY,
      SecurityOptions.TLS_CLIENT_CA,
      SecurityOptions.TLS_CLIENT_AUTH,
      List.of(SecurityOptions.TLS_CERTIFICATE));

  private static final Listener MANAGEMENT = new Listener(
      "management.server.ssl.",
      SecurityOptions.MANAGEMENT_TLS_CERTIFICATE,
      SecurityOptions.MANAGEMENT_TLS_KEY,
      SecurityOptions.MANAGEMENT_TLS_CLIENT_CA,
      SecurityOptions.MANAGEMENT_TLS_CLIENT_AUTH,
      List.of(SecurityOptions.MANAGEMENT_TLS_CERTIFICATE, SecurityOptions.TLS_CERTIFICATE));

  private static final String ENABLED = "enabled";
  private static final String BUNDLE = "bundle";
  private static final String CLIENT_AUTH = "client-auth";
  private static final String BUNDLES = "spring.ssl.bundle.pem.";

  private static final Set<String> PROTOCOLS = Set.of("TLSV1.2", "TLSV1.3");

  private static final String FROM_JKS =
      "; of a JKS, first: keytool -importkeystore -srckeystore JKS"
          + " -destkeystore FILE -deststoretype pkcs12";

  private static final String KEYSTORE = "keystores are not read. For --tls-certificate: openssl"
      + " pkcs12 -in FILE -nokeys -out node.crt; for --tls-key: openssl pkcs12 -in FILE -nocerts"
      + " -nodes -out node.key" + FROM_JKS;

  private static final String TRUSTSTORE = "keystores are not read. For --tls-client-ca: openssl"
      + " pkcs12 -in FILE -nokeys -out ca.crt" + FROM_JKS;

  private static final String USERS =
      "users are those of --credentials-file, with a line: user NAME"
          + " HASH roles=read,register,peer,manage; htpasswd -nB NAME makes the hash";

  private final SpringFile file;

  /** By canonical name. */
  private final Map<String, Meaning> meanings = new HashMap<>();

  /** @throws InvalidOptionException if a placeholder can't be resolved */
  SpringTls(SpringFile file) {
    this.file = file;
    Meaning users = new Meaning(null, USERS, List.of(SecurityOptions.CREDENTIALS_FILE));
    put("spring.security.user.name", users);
    put("spring.security.user.password", users);
    String enabled = MANAGEMENT.prefix() + ENABLED;
    put(
        enabled,
        Meaning.of(SpringNames.converted(SpringNames::bool, SecurityOptions.MANAGEMENT_TLS)));
    read(MAIN);
    read(MANAGEMENT);
  }

  /** Returns the meaning of a name; null if it does not depend on others. */
  @Nullable
  Meaning of(String name) {
    return meanings.get(SpringNames.canonical(name));
  }

  /** Keeps an earlier meaning: the management listener inherits the bundle of the main one. */
  private void put(String name, Meaning meaning) {
    meanings.putIfAbsent(SpringNames.canonical(name), meaning);
  }

  private void read(Listener listener) {
    String prefix = listener.prefix();
    String enabled = value(prefix + ENABLED);
    if (enabled != null && SpringNames.bool(enabled).equals("false")) {
      put(prefix + ENABLED, Meaning.HONOURED);
      namesUnder(prefix).forEach(name -> put(name, Meaning.none(prefix + "enabled is false")));
      return;
    }
    put(prefix + ENABLED, new Meaning(null, null, listener.encrypting()));
    put(
        prefix + CLIENT_AUTH,
        Meaning.of(SpringNames.converted(SpringTls::clientAuth, listener.clientCertificate())));
    put(prefix + "key-store", new Meaning(null, KEYSTORE, listener.encrypting()));
    put(prefix + "trust-store", Meaning.none(TRUSTSTORE));
    readProtocols(prefix + "enabled-protocols");
    if (value(prefix + BUNDLE) == null) {
      readFile(prefix + "certificate", listener.certificate(), listener);
      readFile(prefix + "certificate-private-key", listener.key(), listener);
      readAuthorities(prefix + "trust-certificate", listener);
      requireTls(listener);
    } else {
      readBundle(listener);
    }
  }

  /** Any name makes Spring use TLS, with a certificate that may be named outside of the file. */
  private void requireTls(Listener listener) {
    List<String> names = namesUnder(listener.prefix());
    if (names.stream().anyMatch(name -> isTls(of(name), listener))) {
      return;
    }
    for (String name : names) {
      Meaning meaning = of(name);
      if (meaning == null || meaning.counterpart() == null) {
        String reason = meaning == null ? SpringNames.reasonOf(name) : meaning.reason();
        meanings.put(SpringNames.canonical(name), new Meaning(null, reason, listener.encrypting()));
        return;
      }
    }
  }

  private static boolean isTls(@Nullable Meaning meaning, Listener listener) {
    if (meaning == null) {
      return false;
    }
    OptionMapping counterpart = meaning.counterpart();
    return counterpart == null
        ? !meaning.required().isEmpty()
        : counterpart.option().equals(listener.certificate())
            || counterpart.option().equals(listener.key());
  }

  private void readBundle(Listener listener) {
    String prefix = listener.prefix();
    String names = BUNDLES + value(prefix + BUNDLE) + ".";
    put(
        prefix + BUNDLE,
        namesUnder(names).isEmpty()
            ? new Meaning(null, "it is no bundle of PEM files; " + KEYSTORE, listener.encrypting())
            : Meaning.HONOURED);
    readFile(names + "keystore.certificate", listener.certificate(), listener);
    readFile(names + "keystore.private-key", listener.key(), listener);
    readAuthorities(names + "truststore.certificate", listener);
    for (String name : List.of("certificate", "certificate-private-key", "trust-certificate")) {
      put(prefix + name, Meaning.none(prefix + "bundle takes precedence"));
    }
  }

  private void readAuthorities(String name, Listener listener) {
    String own = value(listener.prefix() + CLIENT_AUTH);
    String inherited = own == null ? value(MAIN.prefix() + CLIENT_AUTH) : own;
    if (inherited == null || clientAuth(inherited).equals("none")) {
      put(name, Meaning.none(listener.prefix() + "client-auth requests no certificate"));
    } else {
      readFile(name, listener.authorities(), listener);
    }
  }

  private void readFile(String name, Option<?> option, Listener listener) {
    String text = value(name);
    if (text == null) {
      return;
    }
    if (text.startsWith("classpath:")) {
      put(name, new Meaning(null, "it names no file", listener.encrypting()));
    } else if (text.contains("-----BEGIN")) {
      put(name, new Meaning(null, "PEM is read from files only", listener.encrypting()));
    } else {
      put(name, Meaning.of(SpringNames.converted(SpringTls::path, option)));
    }
  }

  /** The protocols are fixed: those that the file usually names, or others. */
  private void readProtocols(String name) {
    String text = value(name);
    if (text != null
        && Arrays.stream(text.toUpperCase(Locale.ROOT).split(","))
            .map(String::strip)
            .collect(Collectors.toSet())
            .equals(PROTOCOLS)) {
      put(name, Meaning.HONOURED);
    }
  }

  private List<String> namesUnder(String prefix) {
    String canonical = SpringNames.canonical(prefix);
    return file.entries().stream()
        .map(Entry::path)
        .filter(name -> SpringNames.canonical(name).startsWith(canonical))
        .toList();
  }

  private @Nullable String value(String name) {
    Entry entry = file.entry(name);
    return entry == null ? null : file.resolve(entry).strip();
  }

  private static String path(String location) {
    return location.replaceFirst("^file:(//(?=/))?", "");
  }

  private static String clientAuth(String text) {
    String lowerCase = text.toLowerCase(Locale.ROOT);
    return switch (lowerCase) {
      case "want" -> "optional";
      case "need" -> "required";
      default -> lowerCase;
    };
  }
}
