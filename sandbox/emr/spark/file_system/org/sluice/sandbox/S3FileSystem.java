package org.sluice.sandbox;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * {@code s3://} for Spark on the local cloud, in place of EMR's own file system.
 *
 * <p>A folder exists while an object's key starts with it, or while its marker, an empty object whose key ends in a
 * slash, does. Nothing is cached: what another process wrote is seen at once. Renaming copies and is not atomic.
 */
public final class S3FileSystem extends FileSystem {
  private static final long BLOCK_BYTES = 64L << 20;
  private static final String OWNER = "hadoop";

  private URI uri;
  private S3Client client;
  private Path workingDirectory;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    if (name.getAuthority() == null) {
      throw new IOException(name + " names no bucket");
    }
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    client = new S3Client(S3Endpoint.fromEnvironment(System.getenv()), name.getAuthority());
    workingDirectory = path("");
  }

  @Override
  public String getScheme() {
    return uri == null ? "s3" : uri.getScheme();
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = makeQualified(directory);
  }

  @Override
  public long getDefaultBlockSize(Path file) {
    return BLOCK_BYTES;
  }

  // ------------------------------------------------------------------------------------------------ looking

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    S3Object object = find(path);
    return object == null ? folderStatus(key(path)) : fileStatus(object);
  }

  /** Return the object at a path, or null for a folder. */
  private S3Object find(Path path) throws IOException {
    String key = key(path);
    try {
      S3Object object = key.isEmpty() ? null : client.head(key);
      if (object == null && !client.hasAny(folder(key)) && !key.isEmpty()) {
        throw new FileNotFoundException("No such file or directory: " + makeQualified(path));
      }
      return object;
    } catch (S3Exception e) {
      throw translated(e);
    }
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    S3Object file = find(path);
    if (file != null) {
      return new FileStatus[] {fileStatus(file)};
    }
    String folder = folder(key(path));
    S3Page page = client.list(folder, false);
    List<FileStatus> found = new ArrayList<>();
    for (String prefix : page.prefixes()) {
      found.add(folderStatus(prefix.substring(0, prefix.length() - 1)));
    }
    for (S3Object object : page.objects()) {
      if (!object.key().equals(folder)) {
        found.add(fileStatus(object));
      }
    }
    return found.toArray(new FileStatus[0]);
  }

  // ------------------------------------------------------------------------------------------------ reading, writing

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    S3Object object = find(path);
    if (object == null) {
      throw new FileNotFoundException(makeQualified(path) + " is a directory");
    }
    return new FSDataInputStream(new S3InputStream(client, object, statistics));
  }

  @Override
  public FSDataOutputStream create(Path path, FsPermission permission, boolean overwrite, int bufferSize,
      short replication, long blockSize, Progressable progress) throws IOException {
    try {
      if (find(path) == null) {
        throw new FileAlreadyExistsException(makeQualified(path) + " is a directory");
      }
      if (!overwrite) {
        throw new FileAlreadyExistsException(makeQualified(path) + " already exists");
      }
    } catch (FileNotFoundException free) {
      // the name is free
    }
    return new FSDataOutputStream(new S3OutputStream(client, key(path), overwrite), statistics);
  }

  @Override
  public FSDataOutputStream createNonRecursive(Path path, FsPermission permission, EnumSet<CreateFlag> flags,
      int bufferSize, short replication, long blockSize, Progressable progress) throws IOException {
    Path parent = path.getParent();
    if (parent != null && find(parent) != null) {
      throw new ParentNotDirectoryException(parent + " is a file");
    }
    return create(path, permission, flags.contains(CreateFlag.OVERWRITE), bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("S3 objects cannot be appended to: " + path);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    for (Path ancestor = path; ancestor != null && !key(ancestor).isEmpty(); ancestor = ancestor.getParent()) {
      try {
        if (find(ancestor) != null) {
          throw new FileAlreadyExistsException(makeQualified(ancestor) + " is a file");
        }
        break; // whatever lies above a folder is a folder
      } catch (FileNotFoundException free) {
        // nothing here: look further up
      }
    }
    if (!client.hasAny(folder(key(path)))) {
      client.putEmpty(folder(key(path)));
    }
    return true;
  }

  // ------------------------------------------------------------------------------------------------ moving, removing

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    S3Object file;
    try {
      file = find(source);
    } catch (FileNotFoundException e) {
      return false;
    }
    String from = key(source);
    String to = renameTarget(source, target, file != null);
    if (to == null || from.isEmpty()) {
      return false;
    }
    if (from.equals(to)) {
      return true;
    }
    if (file != null) {
      client.copy(from, to);
      client.delete(from);
      return true;
    }
    return !folder(to).startsWith(folder(from)) && renameFolder(folder(from), folder(to));
  }

  /** Return the key that a renamed path gets, or null when something stands in its way. */
  private String renameTarget(Path source, Path target, boolean isFile) throws IOException {
    try {
      if (find(target) != null) {
        return isFile && key(source).equals(key(target)) ? key(target) : null;
      }
    } catch (FileNotFoundException free) {
      return key(target);
    }
    if (key(source).equals(key(target))) {
      return key(target);
    }
    Path inside = new Path(target, source.getName());
    try {
      find(inside);
      return null;
    } catch (FileNotFoundException free) {
      return key(inside);
    }
  }

  /** Copy everything before anything is removed: a failure half way leaves the source whole. */
  private boolean renameFolder(String from, String to) throws IOException {
    List<String> moved = new ArrayList<>();
    for (S3Object object : client.list(from, true).objects()) {
      client.copy(object.key(), to + object.key().substring(from.length()));
      moved.add(object.key());
    }
    client.deleteAll(moved);
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    S3Object file;
    try {
      file = find(path);
    } catch (FileNotFoundException e) {
      return false;
    }
    if (file != null) {
      client.delete(file.key());
      return true;
    }
    String folder = folder(key(path));
    if (folder.isEmpty()) {
      return false; // a job never empties a bucket
    }
    List<String> keys = client.list(folder, true).objects().stream().map(S3Object::key).toList();
    if (!recursive && keys.stream().anyMatch(key -> !key.equals(folder))) {
      throw new PathIsNotEmptyDirectoryException(makeQualified(path).toString());
    }
    client.deleteAll(keys);
    return true;
  }

  // ------------------------------------------------------------------------------------------------ keys and paths

  private String key(Path path) {
    String raw = makeQualified(path).toUri().getPath();
    return raw.startsWith("/") ? raw.substring(1) : raw;
  }

  private static String folder(String key) {
    return key.isEmpty() ? "" : key + "/";
  }

  /** Build the path from its parts: a key may hold colons, percent signs and spaces, which a URI would take apart. */
  private Path path(String key) {
    return new Path(uri.getScheme(), uri.getAuthority(), "/" + key);
  }

  private FileStatus fileStatus(S3Object object) {
    return new FileStatus(object.size(), false, 1, BLOCK_BYTES, object.modified(), 0, FsPermission.getFileDefault(),
        OWNER, OWNER, path(object.key()));
  }

  private FileStatus folderStatus(String key) {
    return new FileStatus(0, true, 1, 0, 0, 0, FsPermission.getDirDefault(), OWNER, OWNER, path(key));
  }

  private static IOException translated(S3Exception refusal) {
    if (refusal.status() == 404) {
      return (IOException) new FileNotFoundException(refusal.getMessage()).initCause(refusal);
    }
    if (refusal.status() == 403) {
      return (IOException) new AccessDeniedException(refusal.getMessage()).initCause(refusal);
    }
    return refusal;
  }
}
