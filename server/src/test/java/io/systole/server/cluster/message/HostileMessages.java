// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Drain;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.Message.Records;
import io.systole.server.cluster.message.Message.UnknownKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Decodes any bytes as a message, and checks that it can be encoded if it is not refused. */
final class HostileMessages {
  private final MessageDecoder decoder = new MessageDecoder(MessageVersion.CURRENT);
  private final int[] numbers = new int[256];

  /**
   * Returns whether the message is refused.
   *
   * @throws AssertionError if it is not, but differs when encoded and decoded again
   */
  boolean isRefused(byte[] bytes) {
    try {
      Message message = decoder.decode(bytes, 0, bytes.length);
      if (message instanceof Beat beat) {
        beat.numbers().forEach(numbers, HostileMessages::check);
      } else if (!(message instanceof UnknownKind)) {
        byte[] once = encode(message);
        byte[] twice = encode(decoder.decode(once, 0, once.length));
        if (!Arrays.equals(once, twice)) {
          throw new AssertionError(message + " differs when decoded again");
        }
      }
      return false;
    } catch (MalformedMessageException | UnsupportedVersionException refusal) {
      return true;
    }
  }

  private static void check(long owner, boolean isByPeers, int[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      if (numbers[i] < 0 || (i > 0 && numbers[i] <= numbers[i - 1])) {
        throw new AssertionError("number " + numbers[i] + " at " + i);
      }
    }
  }

  private static byte[] encode(Message message) {
    if (message instanceof Hello hello) {
      return MessageEncoder.encode(hello);
    }
    if (message instanceof Digest digest) {
      return MessageEncoder.encode(digest, 1);
    }
    if (message instanceof Pull pull) {
      return MessageEncoder.encode(pull, 1);
    }
    if (message instanceof Drain) {
      return MessageEncoder.encodeDrain(1);
    }
    RecordsBuilder builder = new RecordsBuilder();
    if (message instanceof Push push) {
      push.records().forEach(builder::add);
      return builder.buildPush(1, push.requestId(), push.bucket(), push.isLast());
    }
    ((Records) message).records().forEach(builder::add);
    return builder.buildRecords(1);
  }

  /** Returns valid messages of all kinds, each of less than 60,000 bytes. */
  static List<byte[]> valid(long seed) {
    RandomMessages random = new RandomMessages(seed);
    List<byte[]> messages = new ArrayList<>();
    messages.add(MessageEncoder.encode(random.hello()));
    RecordsBuilder builder = new RecordsBuilder();
    random.records(4).forEach(builder::add);
    messages.add(builder.buildRecords(2));
    builder.add(random.registration());
    messages.add(builder.buildPush(1, 5, 900, true));
    BeatEncoder encoder = new BeatEncoder(messages::add);
    for (int version = 1; version <= MessageVersion.CURRENT; version++) {
      encoder.begin(version, 7);
      encoder.add(1, false, random.words(50, 200), 50);
      encoder.add(2, true, random.words(5, 2), 5);
      encoder.end();
    }
    messages.add(MessageEncoder.encode(random.digest(), 1));
    messages.add(MessageEncoder.encode(random.pull(), 1));
    messages.add(MessageEncoder.encodeDrain(2));
    return messages;
  }

  /** Returns a copy with some bytes changed, removed or repeated. */
  static byte[] mutant(byte[] message, Random random) {
    byte[] mutant = message.clone();
    for (int edits = 1 + random.nextInt(3); edits > 0 && mutant.length > 0; edits--) {
      int at = random.nextInt(Math.min(mutant.length, 1 + (32 << random.nextInt(10))));
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] = (byte) random.nextInt();
        case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutant[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        default -> mutant = spliced(mutant, at, random.nextInt(mutant.length + 1));
      }
    }
    return mutant;
  }

  /** Returns the bytes before one position, then those from another position on. */
  private static byte[] spliced(byte[] bytes, int to, int from) {
    byte[] spliced = Arrays.copyOf(bytes, to + bytes.length - from);
    System.arraycopy(bytes, from, spliced, to, bytes.length - from);
    return spliced;
  }
}
