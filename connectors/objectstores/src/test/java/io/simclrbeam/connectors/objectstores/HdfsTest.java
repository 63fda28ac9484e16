package io.simclrbeam.connectors.objectstores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;

final class HdfsTest extends StoreTest {
  private Path disk;
  private MiniDFSCluster cluster;

  /** The cluster belongs to another user, so that whoever runs the test may be denied something. */
  @Override
  Place start() throws Exception {
    disk = Files.createTempDirectory(Path.of("target"), "hdfs").toAbsolutePath();
    return UserGroupInformation.createUserForTesting("owner", new String[] {"owners"})
        .doAs((PrivilegedExceptionAction<Place>) this::startAsOwner);
  }

  private Place startAsOwner() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    FileSystem files = cluster.getFileSystem();
    FileSystem.mkdirs(files, path("/open"), FsPermission.createImmutable((short) 0777));
    FileSystem.mkdirs(files, path("/readonly"), FsPermission.createImmutable((short) 0755));
    FileSystem.mkdirs(files, path("/forbidden"), FsPermission.createImmutable((short) 0700));
    return new Place(
        part("open") + "/of/a-test",
        List.of("--hdfsConfiguration=[{\"fs.defaultFS\": \"%s\"}]".formatted(address())));
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  private String address() {
    return "hdfs://localhost:" + cluster.getNameNodePort();
  }

  @Override
  void stop() {
    cluster.shutdown(true);
  }

  @Override
  String part(String name) {
    return address() + "/" + name;
  }

  @Override
  String denial() {
    return "Permission denied: user=.*";
  }
}
