// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The service URL of a registry on the command line. */
final class ServiceUrl implements ITypeConverter<URI> {
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
  private static final Pattern USUAL_PATH = Pattern.compile(".*/(v2|eureka)/?");

  @Override
  public URI convert(String text) {
    if (!SCHEME.matcher(text).matches()) {
      throw new TypeConversionException(
          "'" + text + "' has no scheme, the service URL is likely " + likely("http://" + text));
    }
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new TypeConversionException("'" + text + "' is not a URL: " + e.getReason());
    }
  }

  /** Returns one line that names the likely URL; empty when the path is one of the usual two. */
  static String hint(URI target) {
    String url = target.toString().replaceFirst("//[^/?#]*@", "//");
    return hasUsualPath(url)
        ? ""
        : "hint: " + url + " ends in neither /v2 nor /eureka, the service URL is likely "
            + likely(url);
  }

  private static String likely(String url) {
    return hasUsualPath(url) ? url : url.replaceFirst("/+$", "") + "/v2";
  }

  private static boolean hasUsualPath(String url) {
    return USUAL_PATH.matcher(url).matches();
  }
}
