// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.tls.TlsSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The settings of who may connect, and how.
 *
 * @param tls of the main address; null for plain text
 * @param managementTls of the management address; null for plain text, or without such an address
 * @param credentials the file of users, tokens and certificates; null to require none
 */
public record SecuritySettings(
    @Nullable TlsSettings tls,
    @Nullable TlsSettings managementTls,
    @Nullable Path credentials) {}
