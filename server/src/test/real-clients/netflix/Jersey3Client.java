// SPDX-License-Identifier: Apache-2.0
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;
import java.io.IOException;

/** Netflix's client of the 2.x line. */
final class Jersey3Client {
  private Jersey3Client() {}

  public static void main(String[] arguments) throws IOException {
    ApplicationInfoManager manager = NetflixLifecycle.instance(arguments);
    NetflixLifecycle.run(
        manager,
        new DiscoveryClient(
            manager,
            new DefaultEurekaClientConfig(),
            Jersey3TransportClientFactories.getInstance()));
  }
}
