import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** The work of takeover.py with Apache's Java client. Standard input: resume, pause N, report N, end. */
public final class TakeOver {

    private final ZooKeeper zk;
    private final String owner;
    private volatile boolean working;
    private volatile boolean ending;
    private volatile int expired;
    private volatile int data;
    private volatile int persistent;
    private long acknowledged;
    private long unknown;
    private long gapNanos;
    private final List<String> logged = new ArrayList<>();
    private final CountDownLatch connected = new CountDownLatch(1);

    private TakeOver(String hosts, String owner, int timeoutMs) throws Exception {
        this.owner = owner;
        zk = new ZooKeeper(hosts, timeoutMs, this::state);
        connected.await();
        zk.create("/alive-" + owner, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        zk.create("/lock/" + owner + "-", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        zk.addWatch("/changed", this::changedPersistent, AddWatchMode.PERSISTENT);
        persistent = Integer.parseInt(text(zk.getData("/changed", false, null)));
        readChanged();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void state(WatchedEvent event) {
        if (event.getState() == KeeperState.SyncConnected) {
            connected.countDown();
        } else if (event.getState() == KeeperState.Expired) {
            expired++;
        }
    }

    /** A persistent watch tells nothing of what happens while its client is not connected, so the znode is read after each connection. */
    private void changedPersistent(WatchedEvent event) {
        if (event.getType() == EventType.NodeDataChanged) {
            persistent++;
        } else if (event.getType() == EventType.None && event.getState() == KeeperState.SyncConnected) {
            zk.getData("/changed", false, (code, path, context, bytes, stat) -> {
                if (code == 0) {
                    persistent = Math.max(persistent, Integer.parseInt(text(bytes)));
                }
            }, null);
        }
    }

    /** Sets the data watch again only after it has told of a change: the library and the server carry it over to a new connection. */
    private void changedOnce(WatchedEvent event) {
        if (event.getType() == EventType.NodeDataChanged) {
            readChanged();
        }
    }

    private void readChanged() {
        zk.getData("/changed", this::changedOnce, (code, path, context, bytes, stat) -> {
            if (code == 0) {
                data = Math.max(data, Integer.parseInt(text(bytes)));
            } else if (code == KeeperException.Code.CONNECTIONLOSS.intValue()) {
                readChanged();
            }
        }, null);
    }

    private void work() throws Exception {
        long last = System.nanoTime();
        while (!ending) {
            if (!working) {
                Thread.sleep(5);
                last = System.nanoTime();
                continue;
            }
            synchronized (this) {
                if (working && increment()) {
                    long now = System.nanoTime();
                    gapNanos = Math.max(gapNanos, now - last);
                    last = now;
                }
            }
            Thread.sleep(10);  // Few enough writes that the trees can be compared in seconds.
        }
    }

    private boolean increment() throws Exception {
        Stat stat = new Stat();
        int value;
        try {
            value = Integer.parseInt(text(zk.getData("/counter", false, stat)));
        } catch (KeeperException lost) {
            Thread.sleep(10);
            return false;
        }
        try {
            zk.setData("/counter", Integer.toString(value + 1).getBytes(StandardCharsets.UTF_8), stat.getVersion());
        } catch (KeeperException.BadVersionException other) {
            return false;
        } catch (KeeperException lost) {
            unknown++;
            return false;
        }
        if (++acknowledged % 10 == 0) {
            try {
                logged.add(zk.create("/log/" + owner + "-", new byte[100], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
            } catch (KeeperException lost) {
                // It may be there or not: nothing was promised.
            }
        }
        return true;
    }

    private synchronized void report(String number) {
        System.out.println("report " + number + " session=" + zk.getSessionId() + " acknowledged=" + acknowledged + " unknown=" + unknown
            + " expired=" + expired + " data=" + data + " persistent=" + persistent + " gap_ms=" + gapNanos / 1_000_000
            + " logged=" + String.join(",", logged));
        System.out.flush();
    }

    private void listen() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("resume")) {
                synchronized (this) {
                    gapNanos = 0;
                }
                working = true;
                continue;
            }
            working &= !words[0].equals("pause");
            report(words[1]);
        }
        ending = true;
    }

    public static void main(String[] args) throws Exception {
        TakeOver one = new TakeOver(args[0], args[1], Integer.parseInt(args[2]));
        System.out.println("ready");
        System.out.flush();
        Thread worker = new Thread(() -> {
            try {
                one.work();
            } catch (Exception error) {
                error.printStackTrace();
                System.exit(1);
            }
        });
        worker.start();
        one.listen();
        worker.join();
        one.zk.close();
    }
}
