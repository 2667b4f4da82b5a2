// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.time.ManualClock;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RenewalCollectorTest {
  private static final int LIMIT_SECS = 30;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final RenewalCollector collector = new RenewalCollector();
  private final EventLoop first = loops.next();
  private final EventLoop second = loops.next();
  private final RenewedSlots ofFirst = collector.add(first);
  private final RenewedSlots ofSecond = collector.add(second);

  @AfterEach
  void stop() throws InterruptedException {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
  }

  @Test
  void collect_severalSubscribers_eachReceivesEverySlotOnce() throws Exception {
    List<BitSet> one = new CopyOnWriteArrayList<>();
    List<BitSet> other = new CopyOnWriteArrayList<>();
    collector.subscribe(words -> one.add(BitSet.valueOf(words)));
    collector.subscribe(words -> other.add(BitSet.valueOf(words)));
    renew("i-0", ofFirst, first);
    renew("i-1", ofFirst, first);
    renew("i-2", ofSecond, second);

    collect();
    collect();

    assertThat(one).containsExactlyInAnyOrder(bits(0, 1), bits(2));
    assertThat(other).containsExactlyInAnyOrderElementsOf(one);
  }

  @Test
  void collect_nothingRenewed_callsNoSubscriber() throws Exception {
    List<BitSet> received = new CopyOnWriteArrayList<>();
    collector.subscribe(words -> received.add(BitSet.valueOf(words)));

    collect();

    assertThat(received).isEmpty();
  }

  @Test
  void collect_nothingRenewedSinceTheLastCall_wakesUpNoLoop() throws Exception {
    EmbeddedChannel channel = new EmbeddedChannel();
    RenewalCollector ofIdle = new RenewalCollector();
    RenewedSlots slots = ofIdle.add(channel.eventLoop());
    renew("i-0", slots, first);

    ofIdle.collect();
    boolean isWokenUp = channel.hasPendingTasks();
    channel.runPendingTasks();
    ofIdle.collect();

    assertThat(isWokenUp).isTrue();
    assertThat(channel.hasPendingTasks()).isFalse();
  }

  @Test
  void collect_loopsHaveStopped_returns() throws Exception {
    renew("i-0", ofFirst, first);
    stop();

    collector.collect();

    assertThat(first.isTerminated()).isTrue();
  }

  @Test
  void ofCurrentThread_onALoop_isItsRecorder() throws Exception {
    assertThat(second.submit(collector::ofCurrentThread).get(LIMIT_SECS, TimeUnit.SECONDS))
        .isSameAs(ofSecond);
    assertThat(collector.ofCurrentThread()).isSameAs(RenewedSlots.NONE);
  }

  private void renew(String id, RenewedSlots slots, EventLoop loop) throws Exception {
    registry.register(Instances.up("DEMO", id, 90), Origin.CLIENT);
    loop.submit(() -> registry
            .renewal()
            .renew(
                LookupKey.of(new InstanceKey("DEMO", id)),
                clock.monotonicNs(),
                Registry.NO_TIMESTAMP,
                Origin.CLIENT,
                slots))
        .get(LIMIT_SECS, TimeUnit.SECONDS);
  }

  /** Collects, and waits until the loops have passed on what they had. */
  private void collect() throws Exception {
    collector.collect();
    first.submit(() -> {}).get(LIMIT_SECS, TimeUnit.SECONDS);
    second.submit(() -> {}).get(LIMIT_SECS, TimeUnit.SECONDS);
  }

  private static BitSet bits(int... slots) {
    BitSet bits = new BitSet();
    for (int slot : slots) {
      bits.set(slot);
    }
    return bits;
  }
}
