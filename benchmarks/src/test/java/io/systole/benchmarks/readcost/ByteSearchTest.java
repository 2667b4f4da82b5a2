// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class ByteSearchTest {
  private static final byte[] MARK = DataSet.mark(42);
  private static final byte[] TEXT = ("<a>~~0000000041</a>~00000000~"
          + new String(MARK, US_ASCII).substring(1) + "</a>")
      .getBytes(US_ASCII);

  @Test
  void accept_splitAnywhereAfterFalseStarts_finds() {
    for (int cut = 0; cut <= TEXT.length; cut++) {
      ByteSearch search = new ByteSearch(MARK);

      search.accept(TEXT, 0, cut);
      search.accept(TEXT, cut, TEXT.length - cut);

      assertThat(search.isFound()).as("cut at %d", cut).isTrue();
      assertThat(search.bytes()).isEqualTo(TEXT.length);
    }
  }

  @Test
  void accept_otherMarks_findsNothing() {
    ByteSearch search = new ByteSearch(DataSet.mark(43));

    search.accept(TEXT, 0, TEXT.length);

    assertThat(search.isFound()).isFalse();
  }

  @Test
  void inflateTo_segments_findsAndCountsInflatedBytes() throws IOException {
    byte[] gzip = gzip(TEXT);
    BodyBuffer buffer = new BodyBuffer();
    buffer.accept(gzip, 0, 7);
    buffer.accept(gzip, 7, gzip.length - 7);
    ByteSearch search = new ByteSearch(MARK);

    buffer.inflateTo(search);

    assertThat(search.isFound()).isTrue();
    assertThat(search.bytes()).isEqualTo(TEXT.length);
    assertThat(buffer.length()).isEqualTo(gzip.length);
  }

  @Test
  void inflateTo_wrongChecksum_throwsIOException() throws IOException {
    byte[] gzip = gzip(TEXT);
    gzip[gzip.length - 8] ^= 1;
    BodyBuffer buffer = new BodyBuffer();
    buffer.accept(gzip, 0, gzip.length);

    assertThatThrownBy(() -> buffer.inflateTo(new ByteSearch(MARK)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void inflateTo_truncated_throwsIOException() throws IOException {
    byte[] gzip = gzip(TEXT);
    BodyBuffer buffer = new BodyBuffer();
    buffer.accept(Arrays.copyOf(gzip, gzip.length - 9), 0, gzip.length - 9);

    assertThatThrownBy(() -> buffer.inflateTo(new ByteSearch(MARK)))
        .isInstanceOf(IOException.class);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }
}
