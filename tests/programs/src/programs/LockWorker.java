package programs;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Acquires the lock a number of times, and checks each time through the file system that nobody else
 * holds it: LockWorker HOSTS ROOT GUARD_FILE JOURNAL TIMES|hang.
 *
 * With "hang" it acquires the lock once and keeps it until the process is killed.
 */
public final class LockWorker {

    private static final int VIOLATION = 3;

    private LockWorker() {
    }

    public static void main(String[] args) throws Exception {
        boolean hang = args[4].equals("hang");
        int times = hang ? 1 : Integer.parseInt(args[4]);
        try (Session session = new Session(args[0]);
             FileChannel guard = FileChannel.open(Path.of(args[2]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
             FileChannel journal = FileChannel.open(Path.of(args[3]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            DistributedLock lock = new DistributedLock(session, args[1]);
            for (int i = 0; i < times; i++) {
                long place = lock.acquire();
                // The kernel releases this lock when the process is killed, unlike a marker file.
                FileLock proof = guard.tryLock();
                if (proof == null) {
                    System.err.println("VIOLATION: somebody else is inside at place " + place);
                    System.exit(VIOLATION);
                }
                note(journal, "enter", place);
                if (hang) {
                    System.out.println("HOLDING");
                    Thread.sleep(Long.MAX_VALUE);
                }
                note(journal, "leave", place);
                proof.release();
                lock.release();
            }
        }
        System.out.println("DONE " + times);
    }

    /** Writes the line by one write to a file opened for appending, so that lines of several processes never mix. */
    private static void note(FileChannel journal, String what, long place) throws Exception {
        String line = what + " " + place + " " + ProcessHandle.current().pid() + " " + System.currentTimeMillis() + "\n";
        journal.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }
}
