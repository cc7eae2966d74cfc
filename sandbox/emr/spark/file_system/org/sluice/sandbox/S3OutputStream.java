package org.sluice.sandbox;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileAlreadyExistsException;

/**
 * Collects an object in a local file; closing puts it, so readers see the whole object or none. Without overwrite the
 * last word is S3's own: of two writers at once one is refused.
 */
final class S3OutputStream extends OutputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final S3Client client;
  private final String key;
  private final boolean overwrite;
  private final Path spool;
  private final OutputStream out;
  private boolean closed;

  S3OutputStream(S3Client client, String key, boolean overwrite) throws IOException {
    this.client = client;
    this.key = key;
    this.overwrite = overwrite;
    this.spool = Files.createTempFile("s3-", ".spool");
    this.out = new BufferedOutputStream(Files.newOutputStream(spool), BUFFER_BYTES);
  }

  @Override
  public synchronized void write(int value) throws IOException {
    checkOpen();
    out.write(value);
  }

  @Override
  public synchronized void write(byte[] source, int offset, int length) throws IOException {
    checkOpen();
    out.write(source, offset, length);
  }

  @Override
  public synchronized void flush() throws IOException {
    checkOpen();
    out.flush();
  }

  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      out.close();
      if (overwrite) {
        client.put(key, spool);
      } else if (!client.putNew(key, spool)) {
        throw new FileAlreadyExistsException("s3://" + client.bucket() + "/" + key + " already exists");
      }
    } finally {
      Files.deleteIfExists(spool);
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("s3://" + client.bucket() + "/" + key + " has been closed");
    }
  }
}
