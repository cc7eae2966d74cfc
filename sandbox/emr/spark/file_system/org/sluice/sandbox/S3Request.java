package org.sluice.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.w3c.dom.Element;

/** One HTTP request to S3, sent again while S3 is throttling or unreachable. Holds no Hadoop idea. */
final class S3Request {
  private static final int ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 3_000;
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int READ_TIMEOUT_MILLIS = 60_000;

  private final S3Endpoint endpoint;
  private final String method;
  private final String bucket;
  private final String key;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private String query = "";
  private byte[] content;
  private Path file;

  S3Request(S3Endpoint endpoint, String method, String bucket, String key) {
    this.endpoint = endpoint;
    this.method = method;
    this.bucket = bucket;
    this.key = key;
  }

  S3Request query(String value) {
    query = value;
    return this;
  }

  S3Request header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  S3Request content(byte[] value) {
    content = value;
    return this;
  }

  S3Request file(Path value) {
    file = value;
    return this;
  }

  /**
   * Send, again while the failure is one that passes.
   *
   * @throws S3Exception S3 refused, and would again
   * @throws IOException S3 could not be reached in any attempt
   */
  S3Response send() throws IOException {
    long pause = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        return sendOnce();
      } catch (S3Exception e) {
        if (!e.isTransient() || attempt == ATTEMPTS) {
          throw e;
        }
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new IOException(method + " " + location() + ": " + e.getMessage(), e);
        }
      }
      pause(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private S3Response sendOnce() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(endpoint.url(bucket, key, query)).openConnection();
    connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
    connection.setReadTimeout(READ_TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod(method);
    connection.setRequestProperty("Authorization", endpoint.authorization());
    if (!endpoint.sessionToken().isEmpty()) {
      connection.setRequestProperty("x-amz-security-token", endpoint.sessionToken());
    }
    headers.forEach(connection::setRequestProperty);
    if (method.equals("PUT") || method.equals("POST")) {
      writeBody(connection);
    }
    int status = connection.getResponseCode();
    byte[] body = readBody(connection, status);
    if (status / 100 != 2) {
      throw refusal(status, body);
    }
    return new S3Response(status, connection.getHeaderFields(), body);
  }

  private void writeBody(HttpURLConnection connection) throws IOException {
    byte[] bytes = content == null ? new byte[0] : content;
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "binary/octet-stream");
    connection.setFixedLengthStreamingMode(file == null ? bytes.length : Files.size(file));
    try (OutputStream out = connection.getOutputStream()) {
      if (file == null) {
        out.write(bytes);
      } else {
        Files.copy(file, out);
      }
    }
  }

  private byte[] readBody(HttpURLConnection connection, int status) throws IOException {
    if (method.equals("HEAD")) {
      return new byte[0];
    }
    try (InputStream in = status / 100 == 2 ? connection.getInputStream() : connection.getErrorStream()) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }

  private S3Exception refusal(int status, byte[] body) {
    if (body.length == 0) {
      return new S3Exception(method, location(), status, "", "");
    }
    try {
      Element error = S3Page.document(body);
      return new S3Exception(method, location(), status, S3Page.text(error, "Code"), S3Page.text(error, "Message"));
    } catch (IOException notXml) {
      return new S3Exception(method, location(), status, "", new String(body, StandardCharsets.UTF_8).strip());
    }
  }

  private String location() {
    return "s3://" + bucket + "/" + key;
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted between two attempts").initCause(e);
    }
  }
}
