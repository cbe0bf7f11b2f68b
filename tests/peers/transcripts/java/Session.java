import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;

/** A scripted session that uses the whole API of the Java client: {@code Session host:port section...}. */
public final class Session {

    interface Section {
        void play(String hosts) throws Exception;
    }

    private Session() {
    }

    /** A connected client whose events go to {@link Say#WATCHER}. */
    static ZooKeeper connect(String hosts) throws Exception {
        return connect(hosts, 30000, 0, null);
    }

    static ZooKeeper connect(String hosts, int timeout, long id, byte[] password) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        Watcher watcher = event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected
                || event.getState() == Watcher.Event.KeeperState.Expired) {
                connected.countDown();
            }
            if (event.getType() != Watcher.Event.EventType.None) {
                Say.WATCHER.process(event);
            }
        };
        ZooKeeper zk = id == 0 ? new ZooKeeperAdmin(hosts, timeout, watcher) : new ZooKeeper(hosts, timeout, watcher, id, password);
        if (!connected.await(30, TimeUnit.SECONDS)) {
            throw new TimeoutException("no connection to " + hosts);
        }
        return zk;
    }

    public static void main(String[] args) throws Exception {
        for (int n = 1; n < args.length; n++) {
            Say.line("=== " + args[n]);
            Section section = (Section) Class.forName(args[n]).getDeclaredConstructor().newInstance();
            section.play(args[0]);
        }
        // Not all threads of the clients are daemon threads.
        System.out.flush();
        System.exit(0);
    }
}
