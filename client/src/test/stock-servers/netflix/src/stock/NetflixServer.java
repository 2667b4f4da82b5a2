// SPDX-License-Identifier: Apache-2.0
package stock;

import java.io.OutputStream;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;

/**
 * Netflix's web application, unchanged, in the container that it is made for. It ends with its
 * standard input, and so also when the test process exits.
 */
public final class NetflixServer {
  private NetflixServer() {}

  /** Arguments: the unpacked web application, the port on loopback, requests per connection. */
  public static void main(String[] arguments) throws Exception {
    Path webapp = Path.of(arguments[0]);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(webapp.resolveSibling("tomcat-" + arguments[1]).toString());
    // Of the container's own servlets the one for pages is left out, since it needs a compiler.
    tomcat.setAddDefaultWebXmlToWebapp(false);
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(Integer.parseInt(arguments[1]));
    connector.setProperty("maxKeepAliveRequests", arguments[2]);
    tomcat.setConnector(connector);
    Context context = tomcat.addWebapp("/eureka", webapp.toString());
    Tomcat.addServlet(context, "default", new DefaultServlet());
    context.addServletMappingDecoded("/", "default");
    tomcat.start();
    System.in.transferTo(OutputStream.nullOutputStream());
    System.exit(0);
  }
}
