// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** Configuration files of Spring's documentation, as they are. */
public final class SpringExamples {
  /** The example of a standalone server in Spring's documentation. */
  public static final String STANDALONE = """
      server:
        port: 8761

      eureka:
        instance:
          hostname: localhost
        client:
          registerWithEureka: false
          fetchRegistry: false
          serviceUrl:
            defaultZone: http://${eureka.instance.hostname}:${server.port}/eureka/
      """;

  private SpringExamples() {}
}
