// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares our codecs with Netflix's member by member, in both directions.
 * {@link NetflixLimitation} lists the data that Netflix's codecs lose.
 */
@Tag("randomized")
class NetflixCodecTest {
  private static final long SEED = 20_261_123;

  /** Per codec; fewer for XML, because XStream is slow. */
  private static final int JSON_INSTANCES = Repetitions.of(230);

  private static final int XML_INSTANCES = Repetitions.of(110);

  private static final int REGISTRIES = Repetitions.of(5);

  /** A comparison with Netflix's codec. */
  private interface Comparison {
    void run() throws IOException, MalformedDocumentException;
  }

  /**
   * Compares, once more if that fails. Netflix's {@code StringCache} holds weak references and
   * returns null for a string that is collected between its look-up and its use.
   */
  private static void compare(Comparison comparison)
      throws IOException, MalformedDocumentException {
    try {
      comparison.run();
    } catch (AssertionError | RuntimeException | IOException collected) {
      comparison.run();
    }
  }

  @ParameterizedTest
  @EnumSource
  void readByThem_ourInstances_haveEveryMember(NetflixCodec codec)
      throws IOException, MalformedDocumentException {
    NetflixSamples samples = new NetflixSamples(SEED + codec.ordinal());

    for (int count = 0; count < instances(codec); count++) {
      InstanceInfo ours = readable(samples.instance(), codec);
      String origin = "seed %d, instance %d".formatted(SEED + codec.ordinal(), count);

      compare(() -> assertThat(codec.ofForm(NetflixInstances.members(codec.readByThem(ours))))
          .as(origin)
          .isEqualTo(expected(ours, codec)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void readByUs_theirInstances_haveEveryMember(NetflixCodec codec)
      throws IOException, MalformedDocumentException {
    NetflixSamples samples = new NetflixSamples(SEED + codec.ordinal());

    for (int count = 0; count < instances(codec); count++) {
      InstanceInfo original = writable(samples.instance(), codec);
      String origin = "seed %d, instance %d".formatted(SEED + codec.ordinal(), count);

      compare(() -> {
        InstanceInfo ours = codec.readByUs(NetflixInstances.theirs(original));

        assertThat(codec.ofForm(NetflixInstances.members(ours)))
            .as(origin)
            .isEqualTo(codec.includedBy(NetflixInstances.members(original)));
      });
    }
  }

  @ParameterizedTest
  @EnumSource
  void readByThem_ourRegistries_haveEveryInstance(NetflixCodec codec)
      throws IOException, MalformedDocumentException {
    NetflixSamples samples = new NetflixSamples(SEED - codec.ordinal());

    for (int count = 0; count < REGISTRIES; count++) {
      Applications ours = samples.registry(each -> readable(each, codec));

      if (ours.applications().isEmpty() && codec.failsWithoutApplications()) {
        assertThatThrownBy(() -> codec.readByThem(ours)).isInstanceOf(IOException.class);
      } else {
        compare(() -> requireReadByThem(ours, codec));
      }
    }
  }

  @SuppressWarnings("deprecation") // The version is still part of the protocol.
  private static void requireReadByThem(Applications ours, NetflixCodec codec) throws IOException {
    var theirs = codec.readByThem(ours);

    assertThat(theirs.getVersion()).isEqualTo(Long.valueOf(ours.version()));
    assertThat(theirs.getAppsHashCode()).isEqualTo(ours.appsHashCode());
    assertThat(theirs.getReconcileHashCode()).isEqualTo(ours.appsHashCode());
    assertThat(theirs.getRegisteredApplications()).hasSameSizeAs(ours.applications());
    for (int index = 0; index < ours.applications().size(); index++) {
      Application application = ours.applications().get(index);
      requireSame(theirs.getRegisteredApplications().get(index), application, codec);
      requireSame(codec.readByThem(application), application, codec);
    }
  }

  @ParameterizedTest
  @EnumSource
  void readByUs_theirRegistries_haveEveryInstance(NetflixCodec codec)
      throws IOException, MalformedDocumentException {
    NetflixSamples samples = new NetflixSamples(SEED - codec.ordinal());

    for (int count = 0; count < REGISTRIES; count++) {
      Applications original = samples.registry(each -> writable(each, codec));

      compare(() -> requireReadByUs(original, codec));
    }
  }

  private static void requireReadByUs(Applications original, NetflixCodec codec)
      throws IOException, MalformedDocumentException {
    Applications ours = codec.readByUs(NetflixInstances.theirs(original));

    assertThat(ours.version()).isEqualTo(original.version());
    assertThat(ours.appsHashCode()).isEqualTo(original.appsHashCode());
    assertThat(AppsHashCode.of(ours.applications())).isEqualTo(original.appsHashCode());
    assertThat(ours.applications()).hasSameSizeAs(original.applications());
    for (int index = 0; index < original.applications().size(); index++) {
      Application application = original.applications().get(index);
      requireSame(ours.applications().get(index), application, codec);
      requireSame(codec.readByUs(NetflixInstances.theirs(application)), application, codec);
    }
  }

  static Stream<Arguments> limitations() {
    return Arrays.stream(NetflixLimitation.values())
        .flatMap(limitation -> Arrays.stream(NetflixCodec.values())
            .filter(codec -> limitation.affectsReading(codec) || limitation.affectsWriting(codec))
            .map(codec -> Arguments.of(limitation, codec)));
  }

  @ParameterizedTest
  @MethodSource("limitations")
  void example_ofALimitation_isLost(NetflixLimitation limitation, NetflixCodec codec) {
    InstanceInfo example = limitation.example();
    Map<String, @Nullable Object> whole = codec.includedBy(NetflixInstances.members(example));

    if (limitation.affectsReading(codec)) {
      assertThat(outcome(() -> NetflixInstances.members(codec.readByThem(example)), codec))
          .isNotEqualTo(whole);
    }
    if (limitation.affectsWriting(codec)) {
      assertThat(outcome(
              () -> NetflixInstances.members(codec.readByUs(NetflixInstances.theirs(example))),
              codec))
          .isNotEqualTo(whole);
    }
  }

  private static int instances(NetflixCodec codec) {
    return codec.isXml() ? XML_INSTANCES : JSON_INSTANCES;
  }

  private interface RoundTrip {
    Map<String, @Nullable Object> members() throws IOException, MalformedDocumentException;
  }

  /** Returns the members after the round trip, or the exception. */
  private static Object outcome(RoundTrip roundTrip, NetflixCodec codec) {
    try {
      return codec.ofForm(roundTrip.members());
    } catch (IOException | MalformedDocumentException | RuntimeException e) {
      return e;
    }
  }

  /** Returns the instance without what this codec loses when it reads. */
  private static InstanceInfo readable(InstanceInfo instance, NetflixCodec codec) {
    InstanceInfo readable = instance;
    for (NetflixLimitation limitation : NetflixLimitation.values()) {
      readable = limitation.affectsReading(codec) ? limitation.without(readable) : readable;
    }
    return readable;
  }

  /** Returns the instance without what this codec loses when it writes. */
  private static InstanceInfo writable(InstanceInfo instance, NetflixCodec codec) {
    InstanceInfo writable = instance;
    for (NetflixLimitation limitation : NetflixLimitation.values()) {
      writable = limitation.affectsWriting(codec) ? limitation.without(writable) : writable;
    }
    return writable;
  }

  /** Returns the members that Netflix should read: those of the form that XML can represent. */
  private static Map<String, @Nullable Object> expected(InstanceInfo ours, NetflixCodec codec) {
    InstanceInfo representable = codec.isXml() ? XmlRepresentable.of(ours) : ours;
    return codec.includedBy(NetflixInstances.members(representable));
  }

  private static void requireSame(
      com.netflix.discovery.shared.Application theirs, Application ours, NetflixCodec codec) {
    List<Map<String, @Nullable Object>> expected = new ArrayList<>();
    ours.instances().forEach(each -> expected.add(expected(each, codec)));
    List<Map<String, @Nullable Object>> actual = new ArrayList<>();
    theirs
        .getInstancesAsIsFromEureka()
        .forEach(each -> actual.add(codec.ofForm(NetflixInstances.members(each))));

    assertThat(theirs.getName()).isEqualTo(ours.name());
    assertThat(actual).isEqualTo(expected);
  }

  private static void requireSame(Application ours, Application original, NetflixCodec codec) {
    List<Map<String, @Nullable Object>> expected = new ArrayList<>();
    original
        .instances()
        .forEach(each -> expected.add(codec.includedBy(NetflixInstances.members(each))));
    List<Map<String, @Nullable Object>> actual = new ArrayList<>();
    ours.instances().forEach(each -> actual.add(codec.ofForm(NetflixInstances.members(each))));

    assertThat(ours.name()).isEqualTo(original.name());
    assertThat(actual).isEqualTo(expected);
  }
}
