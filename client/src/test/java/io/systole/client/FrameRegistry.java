// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.FakeRegistry.Request;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The responses of a run of a Systole node, for {@link FakeRegistry}: handles and frames. */
final class FrameRegistry implements Function<Request, String> {
  private static final Pattern ID = Pattern.compile("\"instanceId\":\"([^\"]*)\"");
  private static final Pattern BEAT_ID = Pattern.compile("PUT /v2/apps/A/([^?]*)\\?.*");

  private final long epoch;
  private final Map<String, LeaseHandle> handles = new HashMap<>();
  private final List<List<Integer>> frames = new CopyOnWriteArrayList<>();
  private final List<Long> otherEpochs = new CopyOnWriteArrayList<>();
  private final Set<Integer> refusedSlots = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private volatile @Nullable String frameResponse;

  FrameRegistry(long epoch) {
    this.epoch = epoch;
  }

  /** Returns the slots of each frame so far. */
  List<List<Integer>> frames() {
    return frames;
  }

  /** Returns the epochs of the frames for another run. */
  List<Long> otherEpochs() {
    return otherEpochs;
  }

  /** Does not renew the lease of an instance by frame any more, and responds 404 to its beats. */
  void end(String id) {
    unknown.add(id);
    refusedSlots.add(slotOf(id));
  }

  /** Does not renew the lease of an instance by frame any more. */
  void refuse(String id) {
    refusedSlots.add(slotOf(id));
  }

  synchronized int slotOf(String id) {
    return handleOf(id).slot();
  }

  private synchronized LeaseHandle handleOf(String id) {
    return Objects.requireNonNull(handles.get(id));
  }

  /** Sets the response to every frame; null for the true one. */
  void respondToFrames(@Nullable String response) {
    frameResponse = response;
  }

  @Override
  public synchronized String apply(Request request) {
    if (request.isFrame()) {
      return renewAll(request.body().getBytes(StandardCharsets.ISO_8859_1));
    }
    if (request.isCancel()) {
      return FakeRegistry.OK;
    }
    String id = idIn(request);
    if (request.isRegister()) {
      unknown.remove(id);
      handles.put(id, new LeaseHandle(epoch, handles.size(), handles.containsKey(id) ? 1 : 0));
    } else if (unknown.contains(id)) {
      return FakeRegistry.NOT_FOUND;
    }
    handles.putIfAbsent(id, new LeaseHandle(epoch, handles.size(), 0));
    String field =
        request.requestsHandle() ? "Systole-Lease: " + handleOf(id).fieldValue() + "\r\n" : "";
    return "HTTP/1.1 " + (request.isRegister() ? "204 No Content" : "200 OK\r\nContent-Length: 0")
        + "\r\n" + field + "\r\n";
  }

  private static String idIn(Request request) {
    Matcher matcher =
        request.isRegister() ? ID.matcher(request.body()) : BEAT_ID.matcher(request.line());
    if (!matcher.find()) {
      throw new IllegalStateException(request.toString());
    }
    return matcher.group(1);
  }

  private String renewAll(byte[] body) {
    RenewalFrame frame = new RenewalFrame();
    try {
      frame.decode(body);
    } catch (MalformedRenewalsException malformed) {
      throw new IllegalStateException(malformed);
    }
    if (frame.epoch() != epoch) {
      otherEpochs.add(frame.epoch());
      return "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n";
    }
    int[] slots = Arrays.copyOf(frame.slots(), frame.count());
    frames.add(Arrays.stream(slots).boxed().toList());
    String scripted = frameResponse;
    if (scripted != null) {
      return scripted;
    }
    int[] refused = IntStream.range(0, slots.length)
        .filter(position -> refusedSlots.contains(slots[position]))
        .toArray();
    return refused.length == 0
        ? FakeRegistry.OK
        : FakeRegistry.ok(new String(
            RenewalFrameEncoder.encodeRefused(refused, refused.length),
            StandardCharsets.ISO_8859_1));
  }
}
