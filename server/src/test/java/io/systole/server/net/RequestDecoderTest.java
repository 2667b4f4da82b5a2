// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.net.RequestDispatcher.PendingRequest;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory that a connection holds between its requests. */
class RequestDecoderTest {
  /** Discards all requests. */
  private static final class Discarding implements RequestDecoder.Sink {
    private int requests;

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void onHeartbeat(HeartbeatRequest heartbeat, ResponseFraming framing) {
      requests++;
    }

    @Override
    public void onRequest(PendingRequest pendingRequest, byte[] body) {
      requests++;
    }

    @Override
    public boolean isAdmitted(RequestHead head) {
      return true;
    }

    @Override
    public void onNotAdmitted(ResponseFraming framing) {}

    @Override
    public void onQuotaExceeded(PendingRequest pendingRequest) {}

    @Override
    public void onAuthenticating() {}

    @Override
    public void onContinueExpected() {}
  }

  private static final String GET = HttpHandlerFixture.get("/full");
  private static final String HEARTBEAT = HttpHandlerFixture.put("i");

  private final HttpHandlerFixture fixture = new HttpHandlerFixture();
  private final RequestDecoder decoder = fixture.newDecoder();
  private final Discarding sink = new Discarding();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  /** Decodes what was cumulated while reading was paused; returns the only reference to it. */
  private WeakReference<byte[]> decodeCumulated(String requests) throws HttpParseException {
    byte[] bytes = requests.getBytes(StandardCharsets.ISO_8859_1);
    decoder.cumulate(Unpooled.wrappedBuffer(bytes), bytes.length);
    byte[] cumulated = decoder.cumulation();
    decoder.decode(cumulated, decoder.cumulationFrom(), cumulated.length, sink);
    return new WeakReference<>(cumulated);
  }

  private static void awaitRelease(WeakReference<byte[]> reference) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
      System.gc();
      return reference.get() == null;
    });
  }

  /** Otherwise each idle connection could hold as much as one read, which no limit counts. */
  @ParameterizedTest
  @ValueSource(strings = {"get", "heartbeats"})
  void decode_allOfTheCumulationBuffer_holdsNoReferenceToIt(String kind) throws Exception {
    WeakReference<byte[]> cumulated =
        decodeCumulated((kind.equals("get") ? GET : HEARTBEAT).repeat(3));

    assertThat(sink.requests).isEqualTo(3);
    assertThat(decoder.hasCumulation()).isFalse();
    awaitRelease(cumulated);
  }

  @Test
  void decode_mostOfTheCumulationBuffer_holdsOnlyTheRest() throws Exception {
    WeakReference<byte[]> cumulated = decodeCumulated(HEARTBEAT.repeat(3) + "PUT /v2");

    assertThat(sink.requests).isEqualTo(3);
    assertThat(decoder.cumulation()).hasSize(7);
    awaitRelease(cumulated);
  }

  @Test
  void decode_afterTheRelease_stillComparesWithTheLastHeaderFields() throws Exception {
    decodeCumulated(HEARTBEAT.repeat(2));

    decodeCumulated(HEARTBEAT + GET + HEARTBEAT);

    assertThat(sink.requests).isEqualTo(5);
  }
}
