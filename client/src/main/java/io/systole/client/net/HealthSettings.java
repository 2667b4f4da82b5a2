// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * The conditions under which a server counts as failed; validated by the client's configuration.
 *
 * @param overdueMax consecutive connections ended by a response timeout
 * @param refusalsMax consecutive read cycles ending with an overload status
 * @param reconnectMinMs first delay before a failed server is tried again
 * @param reconnectMaxMs longest such delay
 * @param returnDelayMs delay before returning to a failed server of a more preferred zone; 0 never
 *     returns
 * @param retryAfterMsMax longest delay accepted from Retry-After; 0 ignores it
 */
public record HealthSettings(
    int overdueMax,
    int refusalsMax,
    long reconnectMinMs,
    long reconnectMaxMs,
    long returnDelayMs,
    long retryAfterMsMax) {}
