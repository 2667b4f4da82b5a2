// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A converter of registry service URLs. */
final class ServiceUrl implements ITypeConverter<URI> {
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
  private static final Pattern KNOWN_PATH = Pattern.compile(".*/(v2|eureka)/?");

  @Override
  public URI convert(String text) {
    if (!SCHEME.matcher(text).matches()) {
      throw new TypeConversionException("'" + text + "' has no scheme; the service URL is probably "
          + probable("http://" + text));
    }
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new TypeConversionException("'" + text + "' is not a URL: " + e.getReason());
    }
  }

  /**
   * Returns a line that suggests the probable URL; empty if the path ends in {@code /v2} or
   * {@code /eureka}.
   */
  static String hint(URI target) {
    String url = target.toString().replaceFirst("//[^/?#]*@", "//");
    return hasKnownPath(url)
        ? ""
        : "hint: " + url + " ends in neither /v2 nor /eureka; the service URL is probably "
            + probable(url);
  }

  private static String probable(String url) {
    return hasKnownPath(url) ? url : url.replaceFirst("/+$", "") + "/v2";
  }

  private static boolean hasKnownPath(String url) {
    return KNOWN_PATH.matcher(url).matches();
  }
}
