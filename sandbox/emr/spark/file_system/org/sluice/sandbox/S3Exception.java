package org.sluice.sandbox;

import java.io.IOException;

/** An S3 request that was answered with an error: says which request, on which object, and how S3 refused it. */
final class S3Exception extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  S3Exception(String method, String location, int status, String code, String message) {
    super(method + " " + location + ": HTTP " + status + (code.isEmpty() ? "" : " " + code)
        + (message.isEmpty() ? "" : ": " + message));
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  /** S3's own error code, for example {@code NoSuchBucket}; empty when the answer had no body. */
  String code() {
    return code;
  }

  /** Throttling and server errors pass; everything else would fail again in the same way. */
  boolean isTransient() {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
  }
}
