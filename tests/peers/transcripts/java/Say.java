import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Records what a client observes, one line for each call, without what differs from run to run. */
final class Say {

    interface Call {
        Object run() throws Exception;
    }

    private static final List<WatchedEvent> EVENTS = new ArrayList<>();

    /** The watcher for every client and every watch; {@link #events} prints what it received. */
    static final Watcher WATCHER = event -> {
        synchronized (EVENTS) {
            EVENTS.add(event);
            EVENTS.notifyAll();
        }
    };

    private Say() {
    }

    static void line(String text) {
        System.out.println(text);
    }

    /** Makes a call and prints its result or its error. */
    static void call(String label, Call call) {
        String said;
        try {
            said = show(call.run());
        } catch (KeeperException e) {
            said = "error " + e.code() + " path " + e.getPath() + results(e);
        } catch (Exception e) {
            said = "exception " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        line(label + " -> " + said);
    }

    private static String results(KeeperException e) {
        return e.getResults() == null ? "" : " results " + show(e.getResults());
    }

    static String show(Object value) {
        if (value instanceof byte[]) {
            return "'" + new String((byte[]) value) + "'";
        }
        if (value instanceof Stat) {
            return show((Stat) value);
        }
        if (value instanceof List) {
            StringBuilder all = new StringBuilder("[");
            for (Object item : (List<?>) value) {
                all.append(all.length() > 1 ? ", " : "").append(show(item));
            }
            return all.append("]").toString();
        }
        if (value instanceof org.apache.zookeeper.OpResult) {
            return show((org.apache.zookeeper.OpResult) value);
        }
        return String.valueOf(value).replace("\n", "\\n");
    }

    private static String show(Stat s) {
        boolean touched = s.getMtime() != s.getCtime() || s.getMzxid() != s.getCzxid();
        return "stat(c " + s.getCzxid() + " m " + s.getMzxid() + " p " + s.getPzxid() + " versions " + s.getVersion() + " "
            + s.getCversion() + " " + s.getAversion() + (s.getEphemeralOwner() == 0 ? "" : " ephemeral") + " length "
            + s.getDataLength() + " children " + s.getNumChildren() + (touched ? " changed" : "") + ")";
    }

    private static String show(org.apache.zookeeper.OpResult result) {
        if (result instanceof org.apache.zookeeper.OpResult.ErrorResult) {
            return "error " + ((org.apache.zookeeper.OpResult.ErrorResult) result).getErr();
        }
        if (result instanceof org.apache.zookeeper.OpResult.CreateResult) {
            org.apache.zookeeper.OpResult.CreateResult r = (org.apache.zookeeper.OpResult.CreateResult) result;
            return "type " + r.getType() + " " + r.getPath() + " " + show(r.getStat() == null ? "no stat" : r.getStat());
        }
        if (result instanceof org.apache.zookeeper.OpResult.SetDataResult) {
            return "set " + show(((org.apache.zookeeper.OpResult.SetDataResult) result).getStat());
        }
        if (result instanceof org.apache.zookeeper.OpResult.GetDataResult) {
            org.apache.zookeeper.OpResult.GetDataResult r = (org.apache.zookeeper.OpResult.GetDataResult) result;
            return "data " + show(r.getData()) + " " + show(r.getStat());
        }
        if (result instanceof org.apache.zookeeper.OpResult.GetChildrenResult) {
            return "children " + sorted(((org.apache.zookeeper.OpResult.GetChildrenResult) result).getChildren());
        }
        return "type " + result.getType();
    }

    /** The order of children is not defined. */
    static List<String> sorted(List<String> names) {
        List<String> copy = new ArrayList<>(names);
        copy.sort(null);
        return copy;
    }

    /** Prints every event that the client has received so far, and clears them. */
    static void events(String label, ZooKeeper zk) throws Exception {
        // Callbacks and events come through one queue, so all earlier events have arrived before the callback.
        CountDownLatch heard = new CountDownLatch(1);
        zk.sync("/", (rc, path, ctx) -> heard.countDown(), null);
        if (!heard.await(20, TimeUnit.SECONDS)) {
            throw new TimeoutException("sync was not answered");
        }
        synchronized (EVENTS) {
            List<String> told = new ArrayList<>();
            for (WatchedEvent e : EVENTS) {
                told.add(e.getType() + " " + e.getState() + " " + e.getPath() + " zxid " + e.getZxid());
            }
            EVENTS.clear();
            line(label + " heard " + told);
        }
    }

    /** Waits until an event of a type has arrived; it is still printed later. */
    static void awaitEvent(Watcher.Event.EventType type, String path) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        synchronized (EVENTS) {
            while (EVENTS.stream().noneMatch(e -> e.getType() == type && (path == null || path.equals(e.getPath())))) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new TimeoutException("no event " + type + " for " + path);
                }
                EVENTS.wait(left);
            }
        }
    }

    static void forget() {
        synchronized (EVENTS) {
            EVENTS.clear();
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes();
    }

    static <T> List<T> list(T... items) {
        return Arrays.asList(items);
    }
}
