// SPDX-License-Identifier: Apache-2.0
package lifecycle;

import com.netflix.appinfo.InstanceInfo;
import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.netflix.eureka.EurekaServiceInstance;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A Spring application that registers and prints the instances that its discovery client returns.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
public class SpringLifecycle {
  private static String lastLine = "";

  /** Given base URL, application, instance id, and whether the transport is WebClient. */
  public static void main(String[] arguments) throws IOException {
    ConfigurableApplicationContext application = new SpringApplicationBuilder(SpringLifecycle.class)
        .web(WebApplicationType.NONE)
        .properties(Map.of(
            "eureka.client.service-url.defaultZone", arguments[0],
            "spring.application.name", arguments[1],
            "eureka.instance.instance-id", arguments[2],
            "eureka.client.webclient.enabled", arguments[3],
            "eureka.instance.lease-renewal-interval-in-seconds", "1",
            "eureka.client.registry-fetch-interval-seconds", "1",
            "eureka.client.initial-instance-info-replication-interval-seconds", "0",
            "eureka.client.filter-only-up-instances", "false",
            "spring.main.banner-mode", "off"))
        .run();
    DiscoveryClient client = application.getBean(DiscoveryClient.class);
    ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    watch.scheduleWithFixedDelay(() -> print(client), 0, 50, TimeUnit.MILLISECONDS);
    while (System.in.read() >= 0) {
      // Input is ignored; the program ends with it.
    }
    watch.shutdownNow();
    application.close();
    System.exit(0);
  }

  private static void print(DiscoveryClient client) {
    TreeSet<String> instances = new TreeSet<>();
    for (String service : client.getServices()) {
      for (ServiceInstance found : client.getInstances(service)) {
        InstanceInfo instance = ((EurekaServiceInstance) found).getInstanceInfo();
        instances.add(
            instance.getAppName() + "/" + found.getInstanceId() + "=" + instance.getStatus());
      }
    }
    String line = "sees " + String.join(" ", instances);
    if (!line.equals(lastLine)) {
      lastLine = line;
      System.out.println(line);
    }
  }
}
