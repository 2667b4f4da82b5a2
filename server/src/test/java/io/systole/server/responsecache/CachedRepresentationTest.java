// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
  private final SegmentCompressor maker = new SegmentCompressor();
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  @TempDir
  Path folder;

  @AfterEach
  void end() {
    maker.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 100, 3_000})
  void open_anyNumberOfSegments_givesTheirTextEitherWay(int segments) {
    CachedRepresentation view = viewOf(segments);

    byte[] gzip = Bytes.gzip(view);

    assertThat(Bytes.plain(view)).isEqualTo(text.toByteArray()).hasSize((int) view.plainLength());
    assertThat(Bytes.unzipped(gzip)).isEqualTo(text.toByteArray());
    assertThat(gzip).hasSize((int) view.gzipLength());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 3_000})
  void openGzip_bytes_areOneMemberAndNothingMore(int segments) throws Exception {
    byte[] gzip = Bytes.gzip(viewOf(segments));

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
  void openGzip_bytes_passTheProgram(int segments) throws Exception {
    Path file = folder.resolve("view.gz");
    Files.write(file, Bytes.gzip(viewOf(segments)));

    Process gzip = new ProcessBuilder("gzip", "-tv", file.toString())
        .redirectErrorStream(true)
        .start();
    String said = new String(gzip.getInputStream().readAllBytes(), UTF_8);

    assertThat(gzip.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(gzip.exitValue()).as(said).isZero();
  }

  @Test
  void open_shortResponse_isReadByManyFromTheSameBytes() {
    CachedRepresentation view = viewOf(3);
    assertThat(view.plainLength()).isLessThan(CachedRepresentation.READY_BYTES_MAX);

    RepresentationSource one = view.openPlain();
    RepresentationSource other = view.openPlain();
    byte[] first = Bytes.all(one, 3);
    byte[] second = Bytes.all(other, 1 << 20);

    assertThat(first).isEqualTo(second).isEqualTo(text.toByteArray());
  }

  @Test
  void read_longResponse_givesNoMoreThanRequestedAtATime() {
    CachedRepresentation view = viewOf(3_000);
    assertThat(view.plainLength()).isGreaterThan(CachedRepresentation.READY_BYTES_MAX);

    for (int chunk : new int[] {1, 13, 64 * 1024}) {
      assertThat(Bytes.all(view.openPlain(), chunk)).isEqualTo(text.toByteArray());
      assertThat(Bytes.all(view.openGzip(), chunk)).hasSize((int) view.gzipLength());
    }
  }

  @Test
  void read_manyTinySegments_fillsWhatIsRequestedFor() {
    DeflateSegment[] tiny = new DeflateSegment[30_000];
    Arrays.fill(tiny, maker.make("0123456789".getBytes(StandardCharsets.US_ASCII)));
    CachedRepresentation view = new CachedRepresentation(1, "tag", List.of(SegmentList.of(tiny)));
    byte[] chunk = new byte[64 * 1024];

    // Each read is sent by itself, so a piece a read would be thirty thousand writes.
    for (RepresentationSource pass : List.of(view.openPlain(), view.openGzip())) {
      assertThat(pass.read(chunk, 0, chunk.length)).isEqualTo(chunk.length);
      pass.close();
    }
  }

  @Test
  void close_beforeTheEndAndTwice_isHarmless() {
    RepresentationSource pass = viewOf(3_000).openPlain();
    assertThat(pass.read(new byte[10], 0, 10)).isPositive();

    pass.close();
    pass.close();

    assertThat(text.size()).isGreaterThan(10);
  }

  @Test
  void plainLength_beyondFourGigabytes_doesNotOverflow() {
    byte[] zeros = new byte[1 << 20];
    SegmentList megabyte = SegmentList.of(maker.make(zeros));
    int count = 4_200;

    CachedRepresentation view =
        new CachedRepresentation(1, "tag", Collections.nCopies(count, megabyte));
    byte[] gzip = Bytes.gzip(view);

    assertThat(view.plainLength()).isEqualTo((long) count << 20);
    int isize =
        ByteBuffer.wrap(gzip).order(ByteOrder.LITTLE_ENDIAN).getInt(gzip.length - Integer.BYTES);
    assertThat(Integer.toUnsignedLong(isize)).isEqualTo(((long) count << 20) & 0xFFFF_FFFFL);
  }

  @Test
  void stored_longText_isInSeveralBlocks() {
    byte[] plain = randomText(200_000);

    DeflateSegment segment = DeflateSegment.stored(plain);
    CachedRepresentation view =
        new CachedRepresentation(1, "tag", List.of(SegmentList.of(segment)));

    assertThat(Bytes.unzipped(Bytes.gzip(view))).isEqualTo(plain);
    assertThat(segment.deflated()).hasSize(200_000 + 4 * 5);
  }

  @Test
  void withoutFirst_isTheRest() {
    DeflateSegment first = maker.make(randomText(50));
    DeflateSegment rest = maker.make(randomText(70));

    SegmentList without = SegmentList.of(first, rest).withoutFirst();

    assertThat(without.crc()).isEqualTo(rest.crc());
    assertThat(without.plainLength()).isEqualTo(70);
  }

  private CachedRepresentation viewOf(int segmentCount) {
    List<SegmentList> groups = new ArrayList<>();
    int left = segmentCount;
    while (left > 0) {
      int count = Math.min(left, random.nextInt(5));
      DeflateSegment[] group = new DeflateSegment[count];
      for (int i = 0; i < count; i++) {
        byte[] plain = randomText(random.nextInt(1_000));
        text.writeBytes(plain);
        group[i] = random.nextBoolean() ? maker.make(plain) : DeflateSegment.stored(plain);
      }
      groups.add(SegmentList.of(group));
      left -= count;
    }
    return new CachedRepresentation(1, "tag", groups);
  }

  /** Repeats itself now and then, as documents do. */
  private byte[] randomText(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] =
          (byte) (i > 20 && random.nextInt(8) > 0 ? bytes[i - 20] : 'a' + random.nextInt(26));
    }
    return bytes;
  }
}
