package org.sluice.sandbox;

import java.util.List;
import java.util.Map;

/** A successful answer of S3: header names are matched without regard to case. */
record S3Response(int status, Map<String, List<String>> headers, byte[] body) {

  String header(String name) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if (name.equalsIgnoreCase(header.getKey())) {
        return header.getValue().get(0);
      }
    }
    return "";
  }
}
