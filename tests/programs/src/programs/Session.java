package programs;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** A client that is connected when made, and calls that are tried again when a connection was lost. */
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

    /** For calls that do no harm when made twice. */
    <T> T retry(Call<T> call) throws KeeperException, InterruptedException {
        while (true) {
            try {
                return call.run();
            } catch (KeeperException.ConnectionLossException lost) {
                // The client is reconnecting by itself; the next call waits until it has.
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        zk.close();
    }
}
