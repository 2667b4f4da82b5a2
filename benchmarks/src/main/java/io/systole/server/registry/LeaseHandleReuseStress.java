// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static java.util.Objects.requireNonNull;

import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * A renewal by handle of a lease that has just expired races with its eviction and with the
 * registration of another instance, which receives the slot. Results: whether the handle renewed a
 * lease, the number of evictions, and whether the lease of the other instance has the deadline of
 * its registration or a later one.
 */
@JCStressTest
@Outcome(
    id = "true, 0, registered",
    expect = Expect.ACCEPTABLE,
    desc = "The renewal came first: the lease is not evicted, and the other has another slot.")
@Outcome(
    id = "false, 1, registered",
    expect = Expect.ACCEPTABLE,
    desc = "The eviction came first: the handle is refused, whether the slot is in use again or"
        + " not.")
@Outcome(
    id = ".*, .*, renewed",
    expect = Expect.FORBIDDEN,
    desc = "Renewed the wrong lease: the handle was compared with the generation of the old lease"
        + " and the lease then read from the slot was the new one.")
@Outcome(
    id = "true, 1, .*",
    expect = Expect.FORBIDDEN,
    desc = "Renewed but evicted: the client receives no refusal for a lease that has ended.")
@Outcome(
    id = "false, 0, .*",
    expect = Expect.FORBIDDEN,
    desc = "Refused although the lease is live and nothing but its deadline was read.")
@State
public class LeaseHandleReuseStress {
  private static final long RENEWED_NS = StressedInstance.EXPIRED_NS + 5;

  /** Frames and positions are large; each thread reuses its own. */
  private static final ThreadLocal<RenewalFrame> FRAMES =
      ThreadLocal.withInitial(RenewalFrame::new);

  private static final ThreadLocal<int[]> POSITIONS =
      ThreadLocal.withInitial(() -> new int[RenewalFrame.RENEWALS_MAX]);

  private final Registry registry = StressedInstance.registry();
  private final byte[] encoded = encodedFrame(registry);

  private static byte[] encodedFrame(Registry registry) {
    LeaseHandle handle =
        requireNonNull(registry.handles().find(StressedInstance.probe(), Registry.NO_TIMESTAMP));
    return RenewalFrameEncoder.encode(handle.epoch(), new long[] {handle.key()}, 1);
  }

  /** Runs on one event loop. */
  @Actor
  public void renewByHandle(LLL_Result result) {
    RenewalFrame frame = FRAMES.get();
    try {
      frame.decode(encoded);
    } catch (MalformedRenewalsException impossible) {
      throw new IllegalStateException(impossible);
    }
    int refused =
        registry.handles().renew(frame, RENEWED_NS, null, RenewedSlots.NONE, POSITIONS.get());
    result.r1 = refused == 0;
  }

  /** Runs on the evictor thread, then on another event loop. */
  @Actor
  public void evictAndRegisterOther(LLL_Result result) {
    result.r2 = registry.expiry().evictExpired(0);
    registry.register(StressedInstance.OTHER_DOCUMENT, Origin.CLIENT);
  }

  /** Reads the outcome after both actors. */
  @Arbiter
  public void observe(LLL_Result result) {
    LeaseDeadline other =
        requireNonNull(registry.expiry().deadline(StressedInstance.OTHER_DOCUMENT.key()));
    long registeredNs = StressedInstance.EXPIRED_NS + StressedInstance.DURATION_NS;
    result.r3 = other.deadlineNs() == registeredNs ? "registered" : "renewed";
  }
}
