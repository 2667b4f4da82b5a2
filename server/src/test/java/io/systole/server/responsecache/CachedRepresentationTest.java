// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.responsecache.DeflateSegment.SegmentCompressor;
import io.systole.server.route.BodySource;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachedRepresentationTest {
  private static final long SEED = 20_261_123;

  private final Random random = new Random(SEED);
  private final SegmentCompressor compressor = new SegmentCompressor();
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  @TempDir
  Path folder;

  @AfterEach
  void end() {
    compressor.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 100, 3_000})
  void open_anyNumberOfSegments_yieldsTheirText(int segments) {
    CachedRepresentation representation = representationOf(segments);

    byte[] gzip = Bytes.gzip(representation);

    assertThat(Bytes.plain(representation)).isEqualTo(text.toByteArray()).hasSize((int)
        representation.plainLength());
    assertThat(Bytes.unzipped(gzip)).isEqualTo(text.toByteArray());
    assertThat(gzip).hasSize((int) representation.gzipLength());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 3_000})
  void openGzip_bytes_areExactlyOneMember(int segments) throws Exception {
    byte[] gzip = Bytes.gzip(representationOf(segments));

    Inflater inflater = new Inflater(true);
    inflater.setInput(gzip, 10, gzip.length - 10);
    byte[] plain = new byte[text.size() + 1];
    int length = 0;
    while (!inflater.finished()) {
      length += inflater.inflate(plain, length, plain.length - length);
    }

    assertThat(Arrays.copyOf(plain, length)).isEqualTo(text.toByteArray());
    assertThat(inflater.getRemaining()).isEqualTo(8);
    inflater.end();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 40, 3_000})
  void openGzip_bytes_areAcceptedByGzip(int segments) throws Exception {
    Path file = folder.resolve("view.gz");
    Files.write(file, Bytes.gzip(representationOf(segments)));

    Process gzip = new ProcessBuilder("gzip", "-tv", file.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(gzip.getInputStream().readAllBytes(), UTF_8);

    assertThat(gzip.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(gzip.exitValue()).as(output).isZero();
  }

  @Test
  void open_shortDocument_sharesItsBytes() {
    CachedRepresentation representation = representationOf(3);
    assertThat(representation.plainLength()).isLessThan(CachedRepresentation.SHORT_BYTES_MAX);

    BodySource one = representation.openPlain();
    BodySource other = representation.openPlain();
    byte[] first = Bytes.all(one, 3);
    byte[] second = Bytes.all(other, 1 << 20);

    assertThat(first).isEqualTo(second).isEqualTo(text.toByteArray());
  }

  @Test
  void read_longDocument_returnsNoMoreThanRequested() {
    CachedRepresentation representation = representationOf(3_000);
    assertThat(representation.plainLength()).isGreaterThan(CachedRepresentation.SHORT_BYTES_MAX);

    for (int chunk : new int[] {1, 13, 64 * 1024}) {
      assertThat(Bytes.all(representation.openPlain(), chunk)).isEqualTo(text.toByteArray());
      assertThat(Bytes.all(representation.openGzip(), chunk))
          .hasSize((int) representation.gzipLength());
    }
  }

  @Test
  void read_manyTinySegments_fillsTheRequestedLength() {
    DeflateSegment[] tiny = new DeflateSegment[30_000];
    Arrays.fill(tiny, compressor.compress("0123456789".getBytes(StandardCharsets.US_ASCII)));
    CachedRepresentation representation =
        new CachedRepresentation(1, "tag", List.of(SegmentList.of(tiny)));
    byte[] chunk = new byte[64 * 1024];

    // Each read is sent separately, so a segment per read would cause thirty thousand writes.
    for (BodySource source : List.of(representation.openPlain(), representation.openGzip())) {
      assertThat(source.read(chunk, 0, chunk.length)).isEqualTo(chunk.length);
      source.close();
    }
  }

  @Test
  void close_beforeTheEndAndTwice_isHarmless() {
    BodySource source = representationOf(3_000).openPlain();
    assertThat(source.read(new byte[10], 0, 10)).isPositive();

    source.close();
    source.close();

    assertThat(text.size()).isGreaterThan(10);
  }

  @Test
  void plainLength_beyondFourGigabytes_doesNotOverflow() {
    byte[] zeros = new byte[1 << 20];
    SegmentList megabyte = SegmentList.of(compressor.compress(zeros));
    int count = 4_200;

    CachedRepresentation representation =
        new CachedRepresentation(1, "tag", Collections.nCopies(count, megabyte));
    byte[] gzip = Bytes.gzip(representation);

    assertThat(representation.plainLength()).isEqualTo((long) count << 20);
    int isize =
        ByteBuffer.wrap(gzip).order(ByteOrder.LITTLE_ENDIAN).getInt(gzip.length - Integer.BYTES);
    assertThat(Integer.toUnsignedLong(isize)).isEqualTo(((long) count << 20) & 0xFFFF_FFFFL);
  }

  @Test
  void stored_longText_isInSeveralBlocks() {
    byte[] plain = randomText(200_000);

    DeflateSegment segment = DeflateSegment.stored(plain);
    CachedRepresentation representation =
        new CachedRepresentation(1, "tag", List.of(SegmentList.of(segment)));

    assertThat(Bytes.unzipped(Bytes.gzip(representation))).isEqualTo(plain);
    assertThat(segment.deflated()).hasSize(200_000 + 4 * 5);
  }

  @Test
  void withoutFirst_isTheRest() {
    DeflateSegment first = compressor.compress(randomText(50));
    DeflateSegment rest = compressor.compress(randomText(70));

    SegmentList without = SegmentList.of(first, rest).withoutFirst();

    assertThat(without.crc()).isEqualTo(rest.crc());
    assertThat(without.plainLength()).isEqualTo(70);
  }

  private CachedRepresentation representationOf(int segmentCount) {
    List<SegmentList> groups = new ArrayList<>();
    int left = segmentCount;
    while (left > 0) {
      int count = Math.min(left, random.nextInt(5));
      DeflateSegment[] group = new DeflateSegment[count];
      for (int i = 0; i < count; i++) {
        byte[] plain = randomText(random.nextInt(1_000));
        text.writeBytes(plain);
        group[i] = random.nextBoolean() ? compressor.compress(plain) : DeflateSegment.stored(plain);
      }
      groups.add(SegmentList.of(group));
      left -= count;
    }
    return new CachedRepresentation(1, "tag", groups);
  }

  /** Returns text with repetitions, as documents have them. */
  private byte[] randomText(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] =
          (byte) (i > 20 && random.nextInt(8) > 0 ? bytes[i - 20] : 'a' + random.nextInt(26));
    }
    return bytes;
  }
}
