import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Creating, reading, changing and deleting nodes, by blocking and by asynchronous calls. */
final class Nodes implements Session.Section {

    @Override
    public void play(String hosts) throws Exception {
        ZooKeeper zk = Session.connect(hosts);
        create(zk);
        readAndWrite(zk);
        counts(zk);
        asynchronous(zk);
        chroot(hosts, zk);
        zk.close();
    }

    private void create(ZooKeeper zk) throws Exception {
        for (CreateMode mode : CreateMode.values()) {
            long ttl = mode.isTTL() ? 3600000 : -1;
            Say.call("create " + mode, () -> {
                Stat stat = new Stat();
                String path = ttl < 0
                    ? zk.create("/" + mode.name().toLowerCase(), Say.bytes("d"), Ids.OPEN_ACL_UNSAFE, mode, stat)
                    : zk.create("/" + mode.name().toLowerCase(), Say.bytes("d"), Ids.OPEN_ACL_UNSAFE, mode, stat, ttl);
                return path + " " + Say.show(stat) + " " + Say.show(zk.exists(path, false));
            });
        }
        Say.call("create again", () -> zk.create("/persistent", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("create without parent", () -> zk.create("/no/parent", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("child of an ephemeral", () -> zk.create("/ephemeral/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("null data", () -> zk.create("/null", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("no ACL", () -> zk.create("/acl", null, new ArrayList<>(), CreateMode.PERSISTENT));
        Say.call("creator without auth", () -> zk.create("/acl", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        Say.call("bad path", () -> zk.create("bad", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("TTL without time", () -> zk.create("/t", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL));
    }

    private void readAndWrite(ZooKeeper zk) throws Exception {
        Stat stat = new Stat();
        Say.call("get", () -> Say.show(zk.getData("/persistent", false, stat)) + " " + Say.show(stat));
        Say.call("get null", () -> zk.getData("/null", false, stat));
        Say.call("get missing", () -> zk.getData("/missing", false, stat));
        Say.call("exists missing", () -> zk.exists("/missing", false));
        Say.call("set", () -> zk.setData("/persistent", Say.bytes("new"), 0));
        Say.call("set at an old version", () -> zk.setData("/persistent", Say.bytes("new"), 0));
        Say.call("set at any version", () -> zk.setData("/persistent", Say.bytes("newer"), -1));
        Say.call("set missing", () -> zk.setData("/missing", null, -1));
        Say.call("children", () -> Say.sorted(zk.getChildren("/", false)));
        Say.call("children with stat", () -> Say.sorted(zk.getChildren("/zookeeper", false, stat)) + " " + Say.show(stat));
        Say.call("children of missing", () -> zk.getChildren("/missing", false));
        Say.call("delete at a wrong version", () -> { zk.delete("/persistent", 9); return "done"; });
        Say.call("delete", () -> { zk.delete("/persistent", 2); return "done"; });
        Say.call("delete missing", () -> { zk.delete("/persistent", -1); return "done"; });
        Say.call("delete not empty", () -> { zk.delete("/zookeeper", -1); return "done"; });
        Say.call("sync", () -> { zk.sync("/"); return "done"; });
        Say.call("large", () -> zk.create("/large", new byte[1000000], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        Say.call("get large", () -> zk.getData("/large", false, null).length);
    }

    private void counts(ZooKeeper zk) throws Exception {
        for (String path : Say.list("/tree", "/tree/a", "/tree/a/b", "/tree/c")) {
            zk.create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        }
        zk.create("/tree/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Say.call("all children", () -> zk.getAllChildrenNumber("/tree"));
        Say.call("all children of root", () -> zk.getAllChildrenNumber("/"));
        Say.call("all children of missing", () -> zk.getAllChildrenNumber("/missing"));
        Say.call("ephemerals", () -> Say.sorted(zk.getEphemerals()));
        Say.call("ephemerals below", () -> Say.sorted(zk.getEphemerals("/tree")));
        Say.call("whole subtree", () -> Say.sorted(ZKUtil.listSubTreeBFS(zk, "/tree")));
        Say.call("delete recursively", () -> ZKUtil.deleteRecursive(zk, "/tree", 10));
        Say.call("is gone", () -> zk.exists("/tree", false));
        Say.call("who am I", () -> zk.whoAmI());
        Say.call("config", () -> zk.getConfig(false, new Stat()));
    }

    private void asynchronous(ZooKeeper zk) throws Exception {
        List<String> said = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(9);
        zk.create("/async", Say.bytes("1"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT,
            (rc, path, ctx, name) -> { said.add("create " + rc + " " + name); done.countDown(); }, null);
        zk.create("/async/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL,
            (rc, path, ctx, name, stat) -> { said.add("create2 " + rc + " " + name + " " + Say.show(stat)); done.countDown(); }, null);
        zk.setData("/async", Say.bytes("2"), 0, (rc, path, ctx, stat) -> { said.add("set " + rc + " " + Say.show(stat)); done.countDown(); }, null);
        zk.getData("/async", false, (rc, path, ctx, data, stat) -> { said.add("get " + rc + " " + Say.show(data)); done.countDown(); }, null);
        zk.exists("/async/no", false, (rc, path, ctx, stat) -> { said.add("exists " + rc + " " + stat); done.countDown(); }, null);
        zk.getChildren("/async", false, (rc, path, ctx, names, stat) -> { said.add("children " + rc + " " + names); done.countDown(); }, null);
        zk.getAllChildrenNumber("/async", (rc, path, ctx, n) -> { said.add("number " + rc + " " + n); done.countDown(); }, null);
        zk.getEphemerals("/none", (rc, ctx, paths) -> { said.add("ephemerals " + rc + " " + paths); done.countDown(); }, null);
        zk.delete("/async", -1, (rc, path, ctx) -> { said.add("delete " + rc + " " + KeeperException.Code.get(rc)); done.countDown(); }, null);
        done.await(20, TimeUnit.SECONDS);
        said.forEach(line -> Say.line("async " + line));
    }

    private void chroot(String hosts, ZooKeeper zk) throws Exception {
        zk.create("/root", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        ZooKeeper inside = Session.connect(hosts + "/root");
        Say.call("create in a chroot", () -> inside.create("/in", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL));
        Say.call("seen from outside", () -> zk.exists("/root/in", false));
        Say.call("children of the chroot", () -> inside.getChildren("/", false));
        inside.close();
        Say.call("gone with its session", () -> zk.exists("/root/in", false));
    }
}
