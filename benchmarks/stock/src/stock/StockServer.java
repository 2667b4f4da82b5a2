// SPDX-License-Identifier: Apache-2.0
package stock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;

/** The Spring Cloud Eureka server, as its guide tells to start it. */
@SpringBootApplication
@EnableEurekaServer
public class StockServer {
  public static void main(String[] arguments) {
    SpringApplication.run(StockServer.class, arguments);
  }
}
