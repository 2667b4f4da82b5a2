// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.jfr.EvictionJfrEvent;
import io.systole.server.jfr.RegistrationJfrEvent;
import io.systole.server.jfr.SelfPreservationJfrEvent;
import io.systole.server.jfr.SnapshotJfrEvent;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RecentEventLog.EvictionCause;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The events of a node in the JDK's Flight Recorder. */
class FlightRecorderTest {
  /** Unique, since a recording has the events of concurrent tests too. */
  private final String id = UUID.randomUUID().toString();

  private final Path file;
  private final Path data;

  FlightRecorderTest(@TempDir Path folder) {
    file = folder.resolve("node.jfr");
    data = folder.resolve("data");
  }

  private List<RecordedEvent> recorded(String name, Recording recording) throws IOException {
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }

  private RecordedEvent ofInstance(String name, Recording recording) throws IOException {
    List<RecordedEvent> events = recorded(name, recording).stream()
        .filter(event -> event.getString("id").equals(id))
        .toList();
    assertThat(events).hasSize(1);
    return events.get(0);
  }

  @Test
  void registration_whileRecorded_hasItsFields() throws IOException {
    try (Recording recording = new Recording();
        LiveNode node = LiveNode.start(Map.of())) {
      recording.start();

      node.server.registry().register(Instances.up("PAY", id, 90), Origin.CLIENT);

      RecordedEvent event = ofInstance("io.systole.Registration", recording);
      assertThat(event.getString("app")).isEqualTo("PAY");
      assertThat(event.getString("status")).isEqualTo("UP");
      assertThat(event.getString("origin")).isEqualTo("CLIENT");
      assertThat(event.getBoolean("isNew")).isTrue();
    }
  }

  @Test
  void eviction_whileRecorded_hasItsFields() throws IOException {
    try (Recording recording = new Recording();
        LiveNode node = LiveNode.start(Map.of("--self-preservation", "false"))) {
      recording.start();
      node.server.registry().register(Instances.up("PAY", id, 30), Origin.CLIENT);
      node.passTime(61_000);

      node.server.evictor().run();

      RecordedEvent event = ofInstance("io.systole.Eviction", recording);
      assertThat(event.getString("app")).isEqualTo("PAY");
      assertThat(event.getString("cause")).isEqualTo(EvictionCause.EXPIRED.name());
      assertThat(event.getString("by")).isEqualTo("NODE");
      assertThat(event.getString("reason")).startsWith("expired and not protected: 1 such leases");
    }
  }

  @Test
  void eviction_byAnOperator_namesTheCause() throws IOException {
    try (Recording recording = new Recording();
        LiveNode node = LiveNode.start(Map.of())) {
      recording.start();
      node.server.registry().register(Instances.up("PAY", id, 30), Origin.CLIENT);

      assertThat(node.server.registry().expiry().evict(new InstanceKey("PAY", id)))
          .isTrue();

      RecordedEvent event = ofInstance("io.systole.Eviction", recording);
      assertThat(event.getString("cause")).isEqualTo("OPERATOR");
      assertThat(event.getString("by")).isEqualTo("OPERATOR");
    }
  }

  @Test
  void selfPreservation_atAnEvictionRun_hasTheSentence() throws IOException {
    try (Recording recording = new Recording();
        LiveNode node = LiveNode.start(Map.of())) {
      recording.start();
      for (int i = 0; i < 40; i++) {
        node.server.registry().register(Instances.up("PAY", id + i, 90), Origin.CLIENT);
      }
      node.server.rate().endMinute();
      node.server.rate().endMinute();

      node.server.evictor().run();

      assertThat(recorded("io.systole.SelfPreservation", recording))
          .filteredOn(event -> event.getLong("threshold") == 69)
          .anySatisfy(event -> {
            assertThat(event.getBoolean("isActive")).isTrue();
            assertThat(event.getLong("renewals")).isZero();
            assertThat(event.getInt("expired")).isZero();
            assertThat(event.getString("summary"))
                .isEqualTo("Active, evictions are suspended: 0 renewals in the last minute;"
                    + " evictions require more than 69. 0 expired leases are protected.");
          });
    }
  }

  @Test
  void snapshot_ofADataDirectory_hasItsSizesAndDuration() throws IOException {
    try (Recording recording = new Recording()) {
      recording.start();

      // The first node of a directory takes one at its start, and one when it stops.
      try (LiveNode node = LiveNode.start(Map.of("--data-dir", data.toString()))) {
        node.server.registry().register(Instances.up("PAY", id, 90), Origin.CLIENT);
      }

      assertThat(recorded("io.systole.Snapshot", recording)).anySatisfy(event -> {
        assertThat(event.getBoolean("isWritten")).isTrue();
        assertThat(event.getLong("version")).isPositive();
        assertThat(event.getLong("bytes")).isPositive();
        assertThat(event.getLong("plainBytes")).isPositive();
        assertThat(event.getDuration()).isPositive();
      });
    }
  }

  static Stream<Class<? extends Event>> events() {
    return Stream.of(
        RegistrationJfrEvent.class,
        EvictionJfrEvent.class,
        SelfPreservationJfrEvent.class,
        SnapshotJfrEvent.class);
  }

  @ParameterizedTest
  @MethodSource("events")
  void eventTypes_ofTheNode_areDescribed(Class<? extends Event> event) {
    EventType type = EventType.getEventType(event);

    assertThat(type.getCategoryNames()).containsExactly("Systole");
    assertThat(type.getLabel()).isNotBlank();
    assertThat(type.getDescription()).isNotBlank();
    assertThat(type.getName())
        .isEqualTo("io.systole." + event.getSimpleName().replace("JfrEvent", ""));
  }

  @Test
  void record_withoutARecording_buildsNoText() {
    SelfPreservationJfrEvent.record(true, 1, 2, 3, () -> {
      throw new AssertionError("built although nobody records");
    });
  }
}
