import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Sessions that are resumed, closed and refused; nodes that the server removes by itself. */
final class Sessions implements Session.Section {

    /** Long enough for the calls that must be made before it expires, even on a slow machine. */
    private static final long BRIEF_MS = 1000;

    @Override
    public void play(String hosts) throws Exception {
        ZooKeeper watcher = Session.connect(hosts);
        resume(hosts, watcher);
        vanishing(watcher);
        watcher.close();
    }

    private void resume(String hosts, ZooKeeper watcher) throws Exception {
        ZooKeeper first = Session.connect(hosts, 20000, 0, null);
        Say.call("time-out", first::getSessionTimeout);
        first.create("/mine", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        ZooKeeper second = Session.connect(hosts, 10000, first.getSessionId(), first.getSessionPasswd());
        // If its connection is closed, the first client reconnects after a second or two and takes the session from the second one.
        first.getTestable().injectSessionExpiration();
        Say.call("same session", () -> second.getSessionId() == first.getSessionId());
        Say.call("new time-out", second::getSessionTimeout);
        Say.call("still there", () -> second.exists("/mine", false));
        Say.call("ephemerals of the resumed session", second::getEphemerals);
        watcher.exists("/mine", Say.WATCHER);
        second.close();
        Say.awaitEvent(EventType.NodeDeleted, "/mine");
        Say.events("closing the session", watcher);
        Say.call("gone", () -> watcher.exists("/mine", false));
        ZooKeeper late = Session.connect(hosts, 10000, first.getSessionId(), first.getSessionPasswd());
        Say.call("state of a client that resumes a closed session", late::getState);
        ZooKeeper thief = Session.connect(hosts, 10000, watcher.getSessionId() + 1000, new byte[16]);
        Say.call("state of a client with an unknown session", thief::getState);
        late.close();
        thief.close();
        first.close();
    }

    private void vanishing(ZooKeeper zk) throws Exception {
        zk.create("/box", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
        zk.create("/box/thing", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.exists("/box", Say.WATCHER);
        zk.delete("/box/thing", -1);
        Say.awaitEvent(EventType.NodeDeleted, "/box");
        Say.events("an emptied container", zk);
        zk.create("/brief", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, BRIEF_MS);
        zk.exists("/brief", Say.WATCHER);
        Say.awaitEvent(EventType.NodeDeleted, "/brief");
        Say.events("a short life", zk);
        zk.create("/kept", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, BRIEF_MS);
        zk.create("/kept/child", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/marker", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 2 * BRIEF_MS);
        zk.exists("/marker", Say.WATCHER);
        Say.awaitEvent(EventType.NodeDeleted, "/marker");
        Say.events("marker", zk);
        Say.call("a node with a child lives on", () -> zk.exists("/kept", false));
        Say.call("an empty container that never had a child", () -> zk.create("/unused", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER));
        Say.call("where am I", () -> Say.sorted(zk.getChildren("/", false)));
    }
}
