// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

/**
 * What all connections share.
 *
 * @param bodyBytes bytes of request bodies that are arriving or wait for a thread
 * @param longAnswers answers of known length that are being read in passes
 * @param streams answers without an end
 */
record Budgets(Budget bodyBytes, Budget longAnswers, Budget streams) {
  static Budgets of(NetSettings settings) {
    return new Budgets(
        new Budget(settings.bodiesBytesMax()),
        new Budget(settings.longAnswersMax()),
        new Budget(settings.streamsMax()));
  }
}
