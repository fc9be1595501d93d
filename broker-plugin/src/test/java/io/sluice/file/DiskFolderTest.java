package io.sluice.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may open a folder. */
@Timeout(60)
class DiskFolderTest {

    @TempDir
    private Path dir;

    @Test
    void a_refused_second_open_leaves_the_folder_locked_against_other_processes() throws Exception {
        try (Folder open = DiskFolder.open(dir)) {
            assertThatThrownBy(() -> DiskFolder.open(dir)).isInstanceOf(FolderInUseException.class);
            assertThat(FolderProcess.findsInUse(dir)).isTrue();
            open.create("still-open").close();
        }
        assertThat(FolderProcess.findsInUse(dir)).isFalse();
    }

    @Test
    void a_folder_is_the_same_by_whichever_path_it_is_opened() throws Exception {
        Path alias = Files.createSymbolicLink(dir.resolveSibling(dir.getFileName() + "-alias"), dir);
        try (Folder open = DiskFolder.open(dir)) {
            assertThatThrownBy(() -> DiskFolder.open(alias)).isInstanceOf(FolderInUseException.class);
            assertThat(FolderProcess.findsInUse(alias)).isTrue();
            assertThat(open.names()).isEmpty();
        } finally {
            Files.delete(alias);
        }
    }

    /** As in a worker of Kafka Connect that has two folders of the same plugin. */
    @Test
    void another_copy_of_the_class_in_the_same_process_leaves_the_folder_locked_too() throws Exception {
        try (Folder open = DiskFolder.open(dir);
                URLClassLoader copy = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            Class<?> copied = copy.loadClass(DiskFolder.class.getName());
            assertThatThrownBy(() -> copied.getMethod("open", Path.class).invoke(null, dir))
                    .cause()
                    .hasMessageContaining("is in use");
            assertThat(FolderProcess.findsInUse(dir)).isTrue();
            assertThat(open.names()).isEmpty();
        }
    }

    @Test
    void two_hundred_refusals_of_another_copy_of_the_class_take_one_descriptor_and_no_lock() throws Exception {
        try (URLClassLoader copy = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            Method opening = copy.loadClass(DiskFolder.class.getName()).getMethod("open", Path.class);
            try (Folder open = DiskFolder.open(dir)) {
                refuse(opening);
                long before = descriptors();
                for (int i = 0; i < 200; i++) {
                    refuse(opening);
                }
                assertThat(descriptors()).isLessThan(before + 100);
                assertThat(FolderProcess.findsInUse(dir)).isTrue();
                assertThat(open.names()).isEmpty();
            }
            try (AutoCloseable taken = (AutoCloseable) opening.invoke(null, dir)) {
                assertThat(FolderProcess.findsInUse(dir)).isTrue();
                assertThatThrownBy(() -> DiskFolder.open(dir)).isInstanceOf(FolderInUseException.class);
                assertThat(taken).isNotNull();
            }
            assertThat(FolderProcess.findsInUse(dir)).isFalse();
            DiskFolder.open(dir).close();
        }
    }

    /** Whoever deletes a folder and makes it again has another lock file. */
    @Test
    void a_lock_file_that_was_replaced_is_another_one() throws Exception {
        try (URLClassLoader copy = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            Method opening = copy.loadClass(DiskFolder.class.getName()).getMethod("open", Path.class);
            try (Folder open = DiskFolder.open(dir)) {
                refuse(opening);
                Files.delete(dir.resolve("lock"));
                try (AutoCloseable taken = (AutoCloseable) opening.invoke(null, dir)) {
                    assertThat(FolderProcess.findsInUse(dir)).isTrue();
                    assertThat(taken).isNotNull();
                }
                assertThat(open.names()).isEmpty();
            }
        }
    }

    private void refuse(Method opening) {
        assertThatThrownBy(() -> opening.invoke(null, dir)).cause().hasMessageContaining("is in use");
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private static URL[] classPath() throws Exception {
        List<URL> urls = new ArrayList<>();
        String classPath = System.getProperty("java.class.path");
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    @Test
    void stores_that_open_at_the_same_time_make_the_folder_above_them_together() throws Exception {
        int stores = 8;
        ExecutorService threads = Executors.newFixedThreadPool(stores);
        try {
            for (int round = 0; round < 50; round++) {
                Path parent = dir.resolve("new-" + round).resolve("buffers");
                CyclicBarrier start = new CyclicBarrier(stores);
                List<Future<?>> opened = new ArrayList<>();
                for (int store = 0; store < stores; store++) {
                    Path own = parent.resolve("b" + store);
                    opened.add(threads.submit(() -> {
                        start.await();
                        DiskFolder.open(own).close();
                        return null;
                    }));
                }
                for (Future<?> one : opened) {
                    one.get();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
