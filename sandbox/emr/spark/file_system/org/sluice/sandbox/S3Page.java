package org.sluice.sandbox;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * One page of ListObjectsV2. It must be asked for with {@code encoding-type=url}: keys may hold characters that XML
 * cannot.
 */
record S3Page(List<S3Object> objects, List<String> prefixes, String nextToken) {

  static S3Page parse(byte[] xml) throws IOException {
    Element root = document(xml);
    List<S3Object> objects = new ArrayList<>();
    for (Element entry : children(root, "Contents")) {
      objects.add(new S3Object(decoded(text(entry, "Key")), Long.parseLong(text(entry, "Size")),
          Instant.parse(text(entry, "LastModified")).toEpochMilli(), text(entry, "ETag")));
    }
    List<String> prefixes = new ArrayList<>();
    for (Element entry : children(root, "CommonPrefixes")) {
      prefixes.add(decoded(text(entry, "Prefix")));
    }
    boolean truncated = "true".equals(text(root, "IsTruncated"));
    return new S3Page(objects, prefixes, truncated ? text(root, "NextContinuationToken") : null);
  }

  static Element document(byte[] xml) throws IOException {
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(null); // the default one prints to stderr
      return builder.parse(new ByteArrayInputStream(xml)).getDocumentElement();
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("S3 answered with something that is not XML", e);
    }
  }

  static List<Element> children(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  static String text(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagName(name);
    return nodes.getLength() == 0 ? "" : nodes.item(0).getTextContent();
  }

  private static String decoded(String value) {
    return URLDecoder.decode(value, StandardCharsets.UTF_8);
  }
}
