// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files: the cost of reading them, and the ranges reported. */
class FrameReaderTest {
  private static final long SALT = 0x0102030405060708L;

  @TempDir
  private Path directory;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final List<CorruptRange> corruptRanges = new ArrayList<>();

  @BeforeEach
  void writeHeader() {
    file.writeBytes(
        new FileHeader(FileHeader.Kind.JOURNAL, FileHeader.FORMAT, 0, 0, SALT).encode());
  }

  /** The scan checksummed up to 4 MiB at each offset: 67 MB of garbage took 12 s. */
  @Test
  void next_garbageBetweenRecords_checksumsNoneOfIt() throws Exception {
    byte[] garbage = new byte[8 << 20];
    new Random(1).nextBytes(garbage);
    file.writeBytes(frame(100));
    file.writeBytes(garbage);
    file.writeBytes(frame(100));

    try (FrameReader frames = open()) {
      assertThat(frames.next()).isTrue();
      assertThat(frames.next()).isTrue();
      assertThat(frames.next()).isFalse();
      assertThat(frames.checksummedBytes()).isEqualTo(200);
    }
    assertThat(corruptRanges).hasSize(1);
    assertThat(corruptRanges.get(0).length()).isEqualTo(garbage.length);
  }

  /** With the salt known, there can be a valid head at every twelfth byte. */
  @Test
  void next_headsOfLargeRecordsEverywhere_checksumsAMultipleOfTheFile() throws Exception {
    byte[] head = head(1 << 20, 7);
    for (int i = 0; i < 200_000; i++) {
      file.writeBytes(head);
    }

    try (FrameReader frames = open()) {
      while (frames.next()) {
        // Read to the end.
      }
      long bytesMax = (long) FrameReader.REJECTED_BYTES_FACTOR * file.size()
          + 2L * FrameLayout.PAYLOAD_BYTES_MAX;
      assertThat(frames.checksummedBytes()).isLessThanOrEqualTo(bytesMax);
    }
    assertThat(corruptRanges).hasSize(1).noneMatch(CorruptRange::isTail);
    assertThat(corruptRanges.get(0).reason()).contains("the rest was not scanned");
    assertThat(corruptRanges.get(0).offset() + corruptRanges.get(0).length())
        .isEqualTo(file.size());
  }

  /** It was reported as a torn write. */
  @Test
  void next_oversizedRecord_isReportedAndSkipped() throws Exception {
    int length = FrameLayout.PAYLOAD_BYTES_MAX + 1;
    file.writeBytes(head(length, 7));
    file.writeBytes(new byte[length]);
    file.writeBytes(frame(10));

    try (FrameReader frames = open()) {
      assertThat(frames.next()).isTrue();
      assertThat(frames.payloadLength()).isEqualTo(10);
      assertThat(frames.checksummedBytes()).isEqualTo(10);
    }
    assertThat(corruptRanges).hasSize(1);
    assertThat(corruptRanges.get(0).toString())
        .contains("offset=80 bytes=" + (FrameLayout.HEAD_BYTES + length))
        .contains("a record of 4194305 bytes exceeds the limit of 4194304");
  }

  @Test
  void next_oversizedLastRecord_isNotATornWrite() throws Exception {
    file.writeBytes(head(Integer.MAX_VALUE, 7));

    try (FrameReader frames = open()) {
      assertThat(frames.next()).isFalse();
    }
    assertThat(corruptRanges).hasSize(1).noneMatch(CorruptRange::isTail);
  }

  @Test
  void next_damagedPayloadBetweenRecords_isSkippedAsAWhole() throws Exception {
    byte[] damaged = frame(1_000);
    damaged[500] ^= 1;
    file.writeBytes(damaged);
    file.writeBytes(frame(10));

    try (FrameReader frames = open()) {
      assertThat(frames.next()).isTrue();
      assertThat(frames.checksummedBytes()).isEqualTo(1_010);
    }
    assertThat(corruptRanges).extracting(CorruptRange::length).containsExactly((long)
        damaged.length);
  }

  /** A checksum that ends in zero hid that the second copy was cut, once in 256 files. */
  @Test
  void open_secondHeaderCutByAZero_isReported() throws Exception {
    byte[] header = new byte[] {1};
    for (long salt = 0; header[header.length - 1] != 0; salt++) {
      header = new FileHeader(FileHeader.Kind.JOURNAL, FileHeader.FORMAT, 0, 0, salt).encode();
    }
    file.reset();
    file.write(header, 0, FileHeader.BYTES - 1);

    try (FrameReader frames = open()) {
      assertThat(frames.next()).isFalse();
    }

    assertThat(corruptRanges)
        .containsExactly(new CorruptRange(
            "journal",
            FileHeader.COPY_BYTES,
            FileHeader.COPY_BYTES - 1,
            "one of the two header copies is damaged",
            true));
  }

  private FrameReader open() throws Exception {
    Path path = Files.write(directory.resolve("journal"), file.toByteArray());
    return FrameReader.open(path, FileHeader.Kind.JOURNAL, corruptRanges::add);
  }

  private static byte[] frame(int length) {
    byte[] frame = new byte[FrameLayout.HEAD_BYTES + length];
    FrameLayout.writeHead(new CRC32C(), SALT, frame, 0, length);
    return frame;
  }

  /** Returns a valid frame head with that checksum. */
  private static byte[] head(int length, int checksum) {
    return ByteBuffer.allocate(FrameLayout.HEAD_BYTES)
        .putInt(length)
        .putInt(FrameLayout.check(length, checksum, SALT))
        .putInt(checksum)
        .array();
  }
}
