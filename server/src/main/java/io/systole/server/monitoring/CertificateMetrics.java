// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Publishes the expiry of the node's certificates. */
public final class CertificateMetrics implements MeterBinder {
  private final LongSupplier expiryMs;

  /**
   * @param expiryMs returns the time at which the first certificate expires, epoch ms; 0 for none
   */
  public CertificateMetrics(LongSupplier expiryMs) {
    this.expiryMs = expiryMs;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    TimeGauge.builder(
            "systole.tls.certificate.not.after.timestamp",
            () -> expiryMs.getAsLong(),
            TimeUnit.MILLISECONDS)
        .description("Time at which the first certificate of the node's addresses expires")
        .register(meters);
  }
}
