package programs;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;

/**
 * The usual lock on ZooKeeper: a queue of ephemeral sequential nodes in which each waiter watches
 * only the one before it, so that a release wakes one process and not all.
 */
final class DistributedLock {

    private final Session session;
    private final String root;
    private String mine;

    DistributedLock(Session session, String root) throws KeeperException, InterruptedException {
        this.session = session;
        this.root = root;
        try {
            session.retry(() -> session.zk.create(root, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        } catch (KeeperException.NodeExistsException others) {
            // Another process created it.
        }
    }

    /** Waits for the lock; returns the position in the queue, which increases from holder to holder. */
    long acquire() throws KeeperException, InterruptedException {
        mine = enqueue();
        while (true) {
            String before = predecessor();
            if (before == null) {
                return place(mine);
            }
            CountDownLatch gone = new CountDownLatch(1);
            Stat there = session.retry(() -> session.zk.exists(root + "/" + before, event -> gone.countDown()));
            if (there != null) {
                // Any event ends the wait, even a lost connection: the queue is read again.
                gone.await();
            }
        }
    }

    void release() throws KeeperException, InterruptedException {
        try {
            session.retry(() -> {
                session.zk.delete(root + "/" + mine, -1);
                return null;
            });
        } catch (KeeperException.NoNodeException goneBefore) {
            // An earlier attempt succeeded; only its reply was lost.
        }
    }

    private String enqueue() throws KeeperException, InterruptedException {
        // The mark shows whether a create whose reply was lost succeeded.
        String mark = "lock-" + UUID.randomUUID() + "-";
        while (true) {
            try {
                String path = session.zk.create(
                    root + "/" + mark, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
                return path.substring(root.length() + 1);
            } catch (KeeperException.ConnectionLossException lost) {
                for (String name : queue()) {
                    if (name.startsWith(mark)) {
                        return name;
                    }
                }
            }
        }
    }

    private List<String> queue() throws KeeperException, InterruptedException {
        return session.retry(() -> session.zk.getChildren(root, false));
    }

    /** The waiter before this one, or null if this one holds the lock. */
    private String predecessor() throws KeeperException, InterruptedException {
        String nearest = null;
        boolean queued = false;
        for (String name : queue()) {
            queued |= name.equals(mine);
            if (place(name) < place(mine) && (nearest == null || place(name) > place(nearest))) {
                nearest = name;
            }
        }
        if (!queued) {
            throw new IllegalStateException(mine + " vanished from the queue while its session lives");
        }
        return nearest;
    }

    private static long place(String name) {
        return Long.parseLong(name.substring(name.length() - 10));
    }
}
