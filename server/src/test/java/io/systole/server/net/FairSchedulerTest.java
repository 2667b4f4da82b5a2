// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sharing of a real loop between streamed bodies and sockets. */
class FairSchedulerTest {
  private static final int CHUNK = LoopContext.CHUNK_BYTES_MAX;

  /** Counts the polls of a loop's sockets. */
  private static final class CountingIo implements IoHandler {
    private final IoHandler real;
    private final AtomicInteger polls;

    CountingIo(IoHandler real, AtomicInteger polls) {
      this.real = real;
      this.polls = polls;
    }

    @Override
    public void initialize() {
      real.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      polls.incrementAndGet();
      return real.run(context);
    }

    @Override
    public void prepareToDestroy() {
      real.prepareToDestroy();
    }

    @Override
    public void destroy() {
      real.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return real.register(handle);
    }

    @Override
    public void wakeup() {
      real.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return real.isCompatible(handleType);
    }
  }

  private final AtomicInteger polls = new AtomicInteger();
  private final IoHandlerFactory factory = NioIoHandler.newFactory();
  private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
      1, executor -> new CountingIo(factory.newHandler(executor), polls));
  private final EventLoop loop = loops.next();
  private final FairScheduler scheduler = new FairScheduler(loop);
  private final AtomicInteger bodiesLeft = new AtomicInteger(1);
  private final CountDownLatch done = new CountDownLatch(1);

  @AfterEach
  void stopLoop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** A task with a number of slices, each of which records its name. */
  private final class Repeating implements FairScheduler.ScheduledTask {
    private final char name;
    private final List<Character> order;
    private final int movedBytes;
    private int left;

    Repeating(char name, List<Character> order, int movedBytes, int left) {
      this.name = name;
      this.order = order;
      this.movedBytes = movedBytes;
      this.left = left;
    }

    @Override
    public int runSlice() {
      order.add(name);
      if (--left > 0) {
        scheduler.schedule(this);
      } else if (bodiesLeft.decrementAndGet() == 0) {
        done.countDown();
      }
      return movedBytes;
    }
  }

  private void await() throws InterruptedException {
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void schedule_taskAlwaysReady_pollsSocketsInEveryRound() throws Exception {
    List<Character> order = new ArrayList<>();

    loop.execute(() -> scheduler.schedule(new Repeating('a', order, CHUNK, 4_000)));
    await();

    assertThat(order).hasSize(4_000);
    assertThat(polls.get()).as("rounds of four chunks").isGreaterThanOrEqualTo(999);
  }

  @Test
  void schedule_slicesWithoutBytes_endARoundToo() throws Exception {
    List<Character> order = new ArrayList<>();

    loop.execute(() -> scheduler.schedule(new Repeating('a', order, 0, 6_400)));
    await();

    assertThat(polls.get()).as("rounds of 64 slices").isGreaterThanOrEqualTo(99);
  }

  @Test
  void schedule_twoTasks_alternate() throws Exception {
    List<Character> order = new ArrayList<>();
    bodiesLeft.set(2);

    loop.execute(() -> {
      scheduler.schedule(new Repeating('a', order, CHUNK, 1_001));
      scheduler.schedule(new Repeating('b', order, CHUNK, 1_001));
    });
    await();

    for (int i = 0; i < 1_998; i++) {
      assertThat(order.get(i)).as("slice %d", i).isEqualTo(i % 2 == 0 ? 'a' : 'b');
    }
  }
}
