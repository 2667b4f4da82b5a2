// SPDX-License-Identifier: Apache-2.0
/**
 * The bytes of records: instance documents, and the varints, texts and maps of which they consist.
 * The journal on disk and the messages between members of a cluster share this encoding. Files,
 * frames and messages themselves do not belong here.
 *
 * <p>A <i>varint</i> has seven bits a byte, lowest first, 0x80 set on all but the last. A
 * <i>text</i> is a varint of its length in UTF-8 plus 1, then the bytes; 0 is null. A <i>map</i> is
 * a varint of its size, then names and values as texts. A <i>code</i> is a byte: 0 for null, else
 * the ordinal of an enum constant plus 1. A <i>document</i> is all fields of an instance in the
 * order of spec 6.1, see {@code InstanceSerializer}. Any change requires a new version of the
 * messages, and a new format of the journal unless it adds an enum constant at the end.
 */
@NullMarked
package io.systole.server.record;

import org.jspecify.annotations.NullMarked;
