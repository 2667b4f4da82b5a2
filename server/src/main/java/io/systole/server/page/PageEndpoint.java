// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.endpoint.ContentNegotiation;
import io.systole.server.endpoint.IfNoneMatch;
import io.systole.server.page.PageFiles.PageFile;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Serves the page: {@code GET /}, and its files: {@code GET /systole/ui/{file}}. */
public final class PageEndpoint implements RequestHandler {
  /**
   * Names and metadata come from clients: should the page ever fail to escape one, the browser
   * still runs no script but the page's own, and sends nothing elsewhere.
   */
  private static final Map<String, String> HEADERS = Map.of(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "X-Content-Type-Options",
      "nosniff",
      "Referrer-Policy",
      "no-referrer",
      // Stored, but compared with the node's at each use: another version may run there.
      "Cache-Control",
      "no-cache",
      "Vary",
      "Accept-Encoding");

  private static final String GZIP_SUFFIX = "-gzip";

  private final PageFiles files;
  private final Function<Request, String> name;

  private PageEndpoint(PageFiles files, Function<Request, String> name) {
    this.files = files;
    this.name = name;
  }

  /** Returns the endpoint of the page itself. */
  public static PageEndpoint index(PageFiles files) {
    return new PageEndpoint(files, request -> PageFiles.INDEX);
  }

  /** Returns the endpoint of all files, named by the last segment of the path. */
  public static PageEndpoint file(PageFiles files) {
    return new PageEndpoint(files, request -> request.variable("file"));
  }

  @Override
  public Response handle(Request request) {
    PageFile file = files.find(name.apply(request));
    if (file == null) {
      return Response.NOT_FOUND;
    }
    boolean isGzip = ContentNegotiation.allowsGzip(request.header("accept-encoding"));
    Map<String, String> headers = new LinkedHashMap<>(HEADERS);
    headers.put("ETag", '"' + file.tag() + (isGzip ? GZIP_SUFFIX : "") + '"');
    IfNoneMatch ifNoneMatch = IfNoneMatch.parse(request.header("if-none-match"));
    if (ifNoneMatch.matches(file.tag()) || ifNoneMatch.matches(file.tag() + GZIP_SUFFIX)) {
      return new Response(304, null, headers, ResponseBody.NONE);
    }
    if (isGzip) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Response(200, file.contentType(), headers, isGzip ? file.gzip() : file.plain());
  }
}
