// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.heap;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.RegistrationValidator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpringDocumentsTest {

  @ParameterizedTest
  @EnumSource
  void document_anyNumber_isAcceptedAndOfUsualSize(SpringDocuments documents) {
    InstanceInfo document = documents.document(123_456);

    byte[] json = new JsonCodec().encodeInstance(document, Form.FULL);

    assertThat(RegistrationValidator.refusalOf(document, document.app())).isNull();
    assertThat(json).hasSizeBetween(950, 1_010);
    assertThat(documents.document(123_457).id()).isNotEqualTo(document.id());
  }
}
