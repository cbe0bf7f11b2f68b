package programs;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** A client that is connected after construction, and calls that are repeated after a lost connection. */
final class Session implements AutoCloseable {

    static final int TIMEOUT_MS = 4000;

    interface Call<T> {
        T run() throws KeeperException, InterruptedException;
    }

    final ZooKeeper zk;

    Session(String hosts) throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        zk = new ZooKeeper(hosts, TIMEOUT_MS, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        if (!connected.await(30, TimeUnit.SECONDS)) {
            throw new IOException("not connected to " + hosts + " within 30 s");
        }
    }

    /** For idempotent calls. */
    <T> T retry(Call<T> call) throws KeeperException, InterruptedException {
        while (true) {
            try {
                return call.run();
            } catch (KeeperException.ConnectionLossException lost) {
                // The client reconnects by itself; the next call waits for that.
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        zk.close();
    }
}
