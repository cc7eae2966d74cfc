package org.sluice.sandbox;

import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;

/** Reads one object in ranges. A small object is fetched whole by the first read: Parquet seeks back and forth. */
final class S3InputStream extends FSInputStream {
  private static final int WHOLE_OBJECT_BYTES = 4 << 20;
  private static final int READ_AHEAD_BYTES = 4 << 20;

  private final S3Client client;
  private final S3Object object;
  private final FileSystem.Statistics statistics;
  private byte[] window = new byte[0];
  private long windowStart;
  private long position;
  private boolean closed;

  S3InputStream(S3Client client, S3Object object, FileSystem.Statistics statistics) {
    this.client = client;
    this.object = object;
    this.statistics = statistics;
  }

  @Override
  public synchronized int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    checkOpen();
    if (position >= object.size()) {
      return -1;
    }
    if (position < windowStart || position >= windowStart + window.length) {
      fetch(length);
    }
    int skip = (int) (position - windowStart);
    int count = Math.min(length, window.length - skip);
    System.arraycopy(window, skip, target, offset, count);
    position += count;
    statistics.incrementBytesRead(count);
    return count;
  }

  private void fetch(int wanted) throws IOException {
    long from = object.size() <= WHOLE_OBJECT_BYTES ? 0 : position;
    long to = Math.min(object.size(), Math.max(from + READ_AHEAD_BYTES, position + wanted));
    byte[] bytes = client.read(object, from, to);
    if (bytes.length != to - from) {
      throw new EOFException("s3://" + client.bucket() + "/" + object.key() + ": asked for bytes " + from + " to " + to
          + ", got " + bytes.length);
    }
    window = bytes;
    windowStart = from;
  }

  @Override
  public synchronized void seek(long target) throws IOException {
    checkOpen();
    if (target < 0 || target > object.size()) {
      throw new EOFException("cannot seek to " + target + " in " + object.size() + " bytes of " + object.key());
    }
    position = target;
  }

  @Override
  public synchronized long getPos() {
    return position;
  }

  @Override
  public boolean seekToNewSource(long target) {
    return false;
  }

  @Override
  public synchronized int available() throws IOException {
    checkOpen();
    return (int) Math.min(Integer.MAX_VALUE, object.size() - position);
  }

  @Override
  public synchronized void close() {
    closed = true;
    window = new byte[0];
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("s3://" + client.bucket() + "/" + object.key() + " has been closed");
    }
  }
}
