// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.TlsContext;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options that select a node: by its URL, or else by the configuration of the node that runs on
 * this machine.
 */
final class NodeAccess {
  private static final String CERTIFICATE = "--peer-certificate";
  private static final String KEY = "--peer-key";
  private static final int TIMEOUT_SECONDS_MAX = 600;

  private final Map<String, String> environment;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "the node's management address, like http://host:8761; without it, the node"
          + " that runs on this machine with the options (all of a node are accepted), environment"
          + " and file given here")
  private @Nullable String url;

  @Mixin
  private final CredentialOptions credentials = new CredentialOptions();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "CA certificates (PEM) that the node's certificate must chain to; without it,"
          + " those of the JDK, or of the local node its own certificate")
  private @Nullable Path authorities;

  @Option(
      names = CERTIFICATE,
      paramLabel = "FILE",
      description = "certificate chain in PEM for nodes that require one")
  private @Nullable Path certificates;

  @Option(
      names = KEY,
      paramLabel = "FILE",
      description = "private key in PEM (PKCS #8) of " + CERTIFICATE)
  private @Nullable Path key;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "how long a response may take, 1..600, default 30")
  private int timeoutSeconds = 30;

  NodeAccess(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Returns a client of the node.
   *
   * @throws CommandException if options or files cannot be used
   * @throws io.systole.server.config.InvalidOptionException if the configuration is invalid
   */
  NodeClient client() {
    if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
      throw CommandException.usage(
          "--timeout=" + timeoutSeconds + " is not within 1.." + TIMEOUT_SECONDS_MAX);
    }
    try {
      return url == null ? local() : remote(url);
    } catch (IOException | IllegalArgumentException unusable) {
      throw CommandException.usage(String.valueOf(unusable.getMessage()));
    }
  }

  private NodeClient local() throws IOException {
    LocalNode node = LocalNode.of(ConfigParser.read(nodeFlags(), environment));
    if (!node.isTls()) {
      refuseTlsOptions();
      return client(node.url(), null);
    }
    return client(node.url(), authorities == null ? node.pinnedContext() : tls());
  }

  private NodeClient remote(String given) {
    nodeFlags().keySet().stream()
        .filter(flag -> !flag.equals(CERTIFICATE) && !flag.equals(KEY))
        .findFirst()
        .ifPresent(flag -> {
          throw CommandException.usage(flag + " has no effect with --url");
        });
    URI uri = parse(given);
    boolean isTls = "https".equalsIgnoreCase(uri.getScheme());
    if (!isTls) {
      refuseTlsOptions();
    }
    return client(uri.toString().replaceFirst("/+$", ""), isTls ? tls() : null);
  }

  private static URI parse(String given) {
    try {
      URI uri = new URI(given);
      boolean isHttp =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (isHttp
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException malformed) {
      // Not repeated: it may contain a password.
    }
    throw CommandException.usage(
        "--url is not http://host:port or https://host:port; credentials have options of their"
            + " own");
  }

  private void refuseTlsOptions() {
    if (authorities != null) {
      throw CommandException.usage("--ca has no effect without TLS");
    }
  }

  private SSLContext tls() {
    try (TlsContext context = new TlsContext(new TlsFiles(authorities, certificates, key))) {
      return context.currentOfJdk();
    }
  }

  private NodeClient client(String base, @Nullable SSLContext tls) {
    return new NodeClient(
        base, credentials.authorization(), Duration.ofSeconds(timeoutSeconds), tls);
  }

  private Map<String, String> nodeFlags() {
    return LocalNodeOptions.flags(
        Objects.requireNonNull(command, "not parsed").commandLine().getParseResult());
  }
}
