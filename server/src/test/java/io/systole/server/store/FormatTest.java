// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.record.RecordEncoder;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exact bytes of format 2. A change that fails these tests requires a new format and a reader
 * for this one.
 */
class FormatTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String FORMAT_1_CHECKSUM = "fd3e05cf";

  /** Data directories of earlier releases, by the format of their files. */
  private static final Path STORED = Path.of("src/test/resources/data-directories");

  @TempDir
  private Path directory;

  @Test
  void records_ofEachKind_haveTheirBytes() throws Exception {
    Registry registry = new Registry(new RegistrySettings(2, true, 180_000, 9), new ManualClock());
    registry.register(Instances.up("A", "i", 90), Origin.PEER);
    RecordEncoder changed = new RecordEncoder();
    JournalEntrySerializer.writeChange(registry.changes().last(), 1_000, changed);
    registry.cancel(new InstanceKey("A", "i"), Origin.CLIENT);
    RecordEncoder removed = new RecordEncoder();
    JournalEntrySerializer.writeChange(registry.changes().last(), 1_000, removed);
    RecordEncoder began = new RecordEncoder();
    JournalEntrySerializer.writeStarted(300, 1_000, 7, began);
    RecordEncoder skipped = new RecordEncoder();
    JournalEntrySerializer.writeGap(300, 1_000, 200, skipped);
    RecordEncoder omitted = new RecordEncoder();
    JournalEntrySerializer.writeOmitted(registry.changes().last(), 1_000, 5_000_000, omitted);

    assertThat(List.of(hex(changed), hex(removed), hex(began), hex(skipped), hex(omitted)))
        .containsExactly(
            "01818081b184e99103e807010200026903683102410931302e302e302e310001"
                + "05d93601da36000101064d794f776e00015a80d0eab6b73380d0eab6b7330080"
                + "d0eab6b73300000000000000000080d0eab6b73380d095ffbc310100",
            "02828081b184e99103e80703010002410269",
            "03ac02e80707",
            "04ac02e807c801",
            "05828081b184e99103e8070301024102" + "69c096b102");
  }

  @Test
  void header_ofAFile_hasItsBytes() {
    FileHeader header =
        new FileHeader(FileHeader.Kind.JOURNAL, FileHeader.FORMAT, 1_000, 300, 0x0102030405060708L);

    String copy = "5359" + "53544f4c454a" + "00000002" + "00000000000003e8" + "000000000000012c"
        + "0102030405060708" + "9feba4a0";
    assertThat(HEX.formatHex(header.encode())).isEqualTo(copy + copy);
  }

  @Test
  void frame_hasItsBytes() {
    FrameEncoder frame = new FrameEncoder();
    int at = frame.beginFrame();
    frame.writeByte(0x55);
    frame.endFrame(at, 0x0102030405060708L);

    assertThat(hex(frame)).isEqualTo("00000001" + "fa40034c" + "e278bca2" + "55");
  }

  @Test
  void codes_areTheOrdinalsOfTheirConstants() {
    List<String> constants = new ArrayList<>();
    for (Cause cause : Cause.values()) {
      constants.add(cause.name());
    }
    for (Origin origin : Origin.values()) {
      constants.add(origin.name());
    }
    for (InstanceStatus status : InstanceStatus.values()) {
      constants.add(status.name());
    }

    assertThat(String.join(" ", constants))
        .isEqualTo("REGISTRATION AMENDMENT CANCEL EVICTION RESTORATION CLIENT PEER NODE"
            + " OPERATOR MEMBER MEMBER_PEER UP DOWN STARTING OUT_OF_SERVICE UNKNOWN");
  }

  /** A journal of format 1: no check in the head of a frame. */
  @Test
  void journal_ofFormat1_isStillRead() throws Exception {
    FileHeader header = new FileHeader(FileHeader.Kind.JOURNAL, 1, 1_000, 300, 0x0102030405060708L);
    byte[] frame = HEX.parseHex("00000006" + FORMAT_1_CHECKSUM + "03ac02e80707");
    Path file = directory.resolve("journal-0000000000000300-0000.log");
    Files.write(file, header.encode());
    Files.write(file, frame, StandardOpenOption.APPEND);
    Files.write(file, new byte[] {0, 0, 0, 1, 2}, StandardOpenOption.APPEND);
    Files.write(file, frame, StandardOpenOption.APPEND);

    List<JournalEntry> read = new ArrayList<>();
    List<CorruptRange> corruptRanges = new ArrayList<>();
    new JournalQuery(directory, corruptRanges::add).read(read::add);

    JournalEntry began = new JournalEntry.WriterStarted(300, 1_000, 7);
    assertThat(read).containsExactly(began, began);
    assertThat(corruptRanges).hasSize(1).allMatch(corruptRange -> corruptRange.length() == 5);
  }

  /** Files of a node that was killed: a snapshot, and a journal with changes after it. */
  @Test
  void directory_ofFormat2_isRestored() throws Exception {
    for (Path file : filesIn(STORED.resolve("format-2"))) {
      Files.copy(file, directory.resolve(file.getFileName()));
    }
    List<CorruptRange> corruptRanges = new ArrayList<>();

    Recovery.State state =
        new Recovery(new DataDirectory(directory), corruptRanges::add).latest(entry -> {});

    assertThat(state.leases())
        .extracting(lease -> "%s/%s %s %s %s"
            .formatted(
                lease.instance().app(),
                lease.instance().id(),
                lease.instance().status(),
                lease.override(),
                lease.instance().metadata().get("zone")))
        .containsExactlyInAnyOrder(
            "ORDERS/i-1 UP null z1",
            "ORDERS/i-2 OUT_OF_SERVICE OUT_OF_SERVICE z1",
            "BILLING/i-4 UP null z1");
    assertThat(state.snapshot()).as("a snapshot was used").isNotNull();
    assertThat(state.version()).isEqualTo(1_795_344_306_426_006L);
    assertThat(corruptRanges).isEmpty();
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static String hex(RecordEncoder buffer) {
    return HEX.formatHex(buffer.array(), 0, buffer.size());
  }
}
