package org.sluice.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.w3c.dom.Element;

/** The operations of one bucket that a file system needs. Knows keys, not paths or folders. */
final class S3Client {
  private static final int DELETE_LIMIT = 1_000;

  private final S3Endpoint endpoint;
  private final String bucket;

  S3Client(S3Endpoint endpoint, String bucket) {
    this.endpoint = endpoint;
    this.bucket = bucket;
  }

  String bucket() {
    return bucket;
  }

  /** Return what S3 knows of a key, or null when there is no such object. */
  S3Object head(String key) throws IOException {
    try {
      S3Response response = request("HEAD", key).send();
      ZonedDateTime modified =
          ZonedDateTime.parse(response.header("Last-Modified"), DateTimeFormatter.RFC_1123_DATE_TIME);
      return new S3Object(key, Long.parseLong(response.header("Content-Length")),
          modified.toInstant().toEpochMilli(), response.header("ETag"));
    } catch (S3Exception e) {
      if (e.status() == 404) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Return bytes {@code from} up to but not including {@code to} of the object as it was when it was opened.
   *
   * @throws IOException the object has been replaced or removed since, or S3 failed
   */
  byte[] read(S3Object object, long from, long to) throws IOException {
    S3Request request = request("GET", object.key()).header("Range", "bytes=" + from + "-" + (to - 1));
    if (!object.entityTag().isEmpty()) {
      request.header("If-Match", object.entityTag());
    }
    try {
      S3Response response = request.send();
      byte[] body = response.body();
      return response.status() == 206 ? body : Arrays.copyOfRange(body, (int) from, (int) to);
    } catch (S3Exception e) {
      if (e.status() == 412) {
        throw new IOException("s3://" + bucket + "/" + object.key() + " was replaced while it was being read", e);
      }
      throw e;
    }
  }

  void put(String key, Path file) throws IOException {
    request("PUT", key).file(file).send();
  }

  /** Put an object only if there is none; return false when there is. */
  boolean putNew(String key, Path file) throws IOException {
    try {
      request("PUT", key).file(file).header("If-None-Match", "*").send();
      return true;
    } catch (S3Exception e) {
      if (e.status() == 412) {
        return false;
      }
      throw e;
    }
  }

  void putEmpty(String key) throws IOException {
    request("PUT", key).send();
  }

  void copy(String from, String to) throws IOException {
    request("PUT", to).header("x-amz-copy-source", "/" + bucket + "/" + S3Endpoint.encodedPath(from)).send();
  }

  void delete(String key) throws IOException {
    request("DELETE", key).send();
  }

  void deleteAll(List<String> keys) throws IOException {
    for (int start = 0; start < keys.size(); start += DELETE_LIMIT) {
      deleteBatch(keys.subList(start, Math.min(keys.size(), start + DELETE_LIMIT)));
    }
  }

  private void deleteBatch(List<String> keys) throws IOException {
    StringBuilder body = new StringBuilder("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (String key : keys) {
      body.append("<Object><Key>").append(escaped(key)).append("</Key></Object>");
    }
    byte[] content = body.append("</Delete>").toString().getBytes(StandardCharsets.UTF_8);
    S3Response response =
        request("POST", "").query("delete").header("Content-MD5", md5(content)).content(content).send();
    for (Element error : S3Page.children(S3Page.document(response.body()), "Error")) {
      throw new S3Exception("DELETE", "s3://" + bucket + "/" + S3Page.text(error, "Key"), response.status(),
          S3Page.text(error, "Code"), S3Page.text(error, "Message"));
    }
  }

  /** Return whether any object's key starts with a prefix. */
  boolean hasAny(String prefix) throws IOException {
    S3Page page = page(prefix, false, "", 1);
    return !page.objects().isEmpty();
  }

  /** Return every object below a prefix, or with {@code flat} false only those up to the next slash, and the folders. */
  S3Page list(String prefix, boolean flat) throws IOException {
    List<S3Object> objects = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    String token = "";
    do {
      S3Page page = page(prefix, !flat, token, DELETE_LIMIT);
      objects.addAll(page.objects());
      prefixes.addAll(page.prefixes());
      token = page.nextToken();
    } while (token != null);
    return new S3Page(objects, prefixes, null);
  }

  private S3Page page(String prefix, boolean delimited, String token, int limit) throws IOException {
    StringBuilder query = new StringBuilder("list-type=2&encoding-type=url&max-keys=").append(limit);
    query.append("&prefix=").append(S3Endpoint.encoded(prefix));
    if (delimited) {
      query.append("&delimiter=%2F");
    }
    if (!token.isEmpty()) {
      query.append("&continuation-token=").append(S3Endpoint.encoded(token));
    }
    return S3Page.parse(request("GET", "").query(query.toString()).send().body());
  }

  private S3Request request(String method, String key) {
    return new S3Request(endpoint, method, bucket, key);
  }

  private static String escaped(String key) {
    StringBuilder xml = new StringBuilder();
    key.codePoints().forEach(point -> {
      switch (point) {
        case '&' -> xml.append("&amp;");
        case '<' -> xml.append("&lt;");
        case '>' -> xml.append("&gt;");
        default -> xml.appendCodePoint(point);
      }
    });
    return xml.toString();
  }

  private static String md5(byte[] content) throws IOException {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("this JVM has no MD5, which DeleteObjects asks for", e);
    }
  }
}
