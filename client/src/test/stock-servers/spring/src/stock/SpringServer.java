// SPDX-License-Identifier: Apache-2.0
package stock;

import java.io.IOException;
import java.io.OutputStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;

/**
 * The Spring Cloud Eureka server, started as its guide describes. In a test it ends with its
 * standard input, and so also when the test process exits.
 */
@SpringBootApplication
@EnableEurekaServer
public class SpringServer {
  public static void main(String[] arguments) throws IOException {
    SpringApplication.run(SpringServer.class, arguments);
    if (Boolean.getBoolean("stock.endsWithInput")) {
      System.in.transferTo(OutputStream.nullOutputStream());
      System.exit(0);
    }
  }
}
