// SPDX-License-Identifier: Apache-2.0
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.MyDataCenterInstanceConfig;
import com.netflix.appinfo.providers.EurekaConfigBasedInstanceInfoProvider;
import com.netflix.discovery.EurekaClient;
import com.netflix.discovery.shared.Application;
import com.netflix.discovery.shared.Applications;
import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The settings and output that the programs with Netflix's clients share. */
final class NetflixLifecycle {
  static final String REFRESH_SECONDS = "eureka.client.refresh.interval";

  private static String lastLine = "";

  private NetflixLifecycle() {}

  /** Returns the manager of an instance, from base URL, application and instance id. */
  static ApplicationInfoManager instance(String[] arguments) {
    Map.of(
            "eureka.serviceUrl.default",
            arguments[0],
            "eureka.name",
            arguments[1],
            "eureka.instanceId",
            arguments[2],
            "eureka.vipAddress",
            arguments[1],
            "eureka.lease.renewalInterval",
            "1",
            REFRESH_SECONDS,
            "1",
            "eureka.shouldEnforceRegistrationAtInit",
            "true",
            "eureka.shouldFilterOnlyUpInstances",
            "false")
        .forEach(System.getProperties()::putIfAbsent);
    MyDataCenterInstanceConfig config = new MyDataCenterInstanceConfig();
    return new ApplicationInfoManager(
        config, new EurekaConfigBasedInstanceInfoProvider(config).get());
  }

  /**
   * Sets the status UP, prints the client's instances at each change, ends with the standard input.
   */
  static void run(ApplicationInfoManager manager, EurekaClient client) throws IOException {
    manager.setInstanceStatus(InstanceInfo.InstanceStatus.UP);
    ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    watch.scheduleWithFixedDelay(() -> print(client), 0, 50, TimeUnit.MILLISECONDS);
    while (System.in.read() >= 0) {
      // Input is ignored; the program ends with it.
    }
    watch.shutdownNow();
    client.shutdown();
    System.exit(0);
  }

  private static void print(EurekaClient client) {
    Applications seen = client.getApplications();
    TreeSet<String> instances = new TreeSet<>();
    for (Application application : seen.getRegisteredApplications()) {
      for (InstanceInfo instance : application.getInstancesAsIsFromEureka()) {
        instances.add(application.getName() + "/" + instance.getId() + "=" + instance.getStatus());
      }
    }
    String line = "sees hash=" + seen.getReconcileHashCode() + " " + String.join(" ", instances);
    if (!line.equals(lastLine)) {
      lastLine = line;
      System.out.println(line);
    }
  }
}
