// SPDX-License-Identifier: Apache-2.0
/**
 * Frames that renew many leases with one request, an extension of Systole (spec §10): their bytes,
 * and the handles that name leases in them. The encoding of sets of numbers is also that of the
 * messages between members of a native cluster. Neither HTTP nor the registry belongs here.
 */
@NullMarked
package io.systole.protocol.renewal;

import org.jspecify.annotations.NullMarked;
