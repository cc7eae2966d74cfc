package org.sluice.sandbox;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where S3 answers and as whom it is asked. The local cloud checks no signature; it reads the account and the role from
 * the access key, so that is what the header must name.
 */
record S3Endpoint(String address, String accessKey, String sessionToken, String region) {

  /**
   * @throws IllegalStateException the process was started without an endpoint or without credentials
   */
  static S3Endpoint fromEnvironment(Map<String, String> environment) {
    String address = environment.getOrDefault("AWS_ENDPOINT_URL_S3", environment.get("AWS_ENDPOINT_URL"));
    String accessKey = environment.get("AWS_ACCESS_KEY_ID");
    if (address == null || accessKey == null) {
      throw new IllegalStateException("s3:// needs AWS_ENDPOINT_URL and AWS_ACCESS_KEY_ID in the environment");
    }
    return new S3Endpoint(address.replaceAll("/+$", ""), accessKey,
        environment.getOrDefault("AWS_SESSION_TOKEN", ""),
        environment.getOrDefault("AWS_DEFAULT_REGION", "us-east-1"));
  }

  String authorization() {
    return "AWS4-HMAC-SHA256 Credential=" + accessKey + "/20260101/" + region
        + "/s3/aws4_request, SignedHeaders=host, Signature=0";
  }

  String url(String bucket, String key, String query) {
    return address + "/" + bucket + "/" + encodedPath(key) + (query.isEmpty() ? "" : "?" + query);
  }

  /** Percent-encode a key but for its slashes. */
  static String encodedPath(String key) {
    return encoded(key).replace("%2F", "/");
  }

  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }
}
