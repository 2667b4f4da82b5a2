// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.zip.GZIPOutputStream;

/** A fake server with a fixed response to each read of the full registry, the last one repeated. */
public final class ScriptedRegistry implements AutoCloseable {
  private final SocketServer server;
  private final Queue<byte[]> responses = new ArrayDeque<>();

  public ScriptedRegistry() throws IOException {
    server = new SocketServer(this::serve);
  }

  /** Creates a registry with the same instances at each read. */
  public ScriptedRegistry(InstanceInfo... instances) throws IOException {
    this();
    then(instances);
  }

  /** Adds a response with instances. */
  public ScriptedRegistry then(InstanceInfo... instances) {
    return then("200 OK", "", document(instances));
  }

  /** Adds a compressed response with instances. */
  public ScriptedRegistry thenGzipped(InstanceInfo... instances) {
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzipped)) {
      out.write(document(instances));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return then("200 OK", "Content-Encoding: GZip\r\n", gzipped.toByteArray());
  }

  /** Adds a response. */
  public ScriptedRegistry then(String status, String headers, byte[] body) {
    byte[] head = ("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + body.length
            + "\r\n\r\n")
        .getBytes(ISO_8859_1);
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    response.writeBytes(head);
    response.writeBytes(body);
    synchronized (responses) {
      responses.add(response.toByteArray());
    }
    return this;
  }

  private static byte[] document(InstanceInfo... instances) {
    List<Application> applications = List.of(instances).stream()
        .map(instance -> new Application(instance.app(), List.of(instance)))
        .toList();
    return new JsonCodec().encodeApplications(new Applications("1", "", applications), Form.FULL);
  }

  public URI url() {
    return server.url();
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        SocketServer.readRequest(in);
        socket.getOutputStream().write(nextResponse());
      }
    }
  }

  private byte[] nextResponse() {
    synchronized (responses) {
      return responses.size() > 1 ? responses.remove() : responses.element();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
