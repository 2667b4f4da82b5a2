// SPDX-License-Identifier: Apache-2.0
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.Refresh;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Netflix's client of the 2.x line, refreshing many times a second. */
final class Jersey3Refresher {
  private static final int EVERY_MS = 50;

  private Jersey3Refresher() {}

  public static void main(String[] arguments) throws IOException {
    System.setProperty(NetflixLifecycle.REFRESH_SECONDS, "3600");
    ApplicationInfoManager manager = NetflixLifecycle.instance(arguments);
    DiscoveryClient client = new DiscoveryClient(
        manager, new DefaultEurekaClientConfig(), Jersey3TransportClientFactories.getInstance());
    ScheduledExecutorService refresher = Executors.newSingleThreadScheduledExecutor();
    refresher.scheduleWithFixedDelay(
        () -> Refresh.now(client), EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    NetflixLifecycle.run(manager, client);
  }
}
