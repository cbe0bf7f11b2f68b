import java.util.Arrays;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Transactions, and several reads in one request. */
final class Multis implements Session.Section {

    @Override
    public void play(String hosts) throws Exception {
        ZooKeeper zk = Session.connect(hosts);
        Say.call("all kinds", () -> zk.multi(Arrays.asList(
            Op.create("/m", Say.bytes("0"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create("/m/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL),
            Op.create("/m/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL),
            Op.create("/m/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
            Op.create("/m/t", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 3600000),
            Op.setData("/m", Say.bytes("1"), 0),
            Op.check("/m", 1),
            Op.delete("/m/e", 0))));
        Say.call("stat", () -> zk.exists("/m", false));
        Say.call("fails in the middle", () -> zk.multi(Arrays.asList(
            Op.setData("/m", null, -1), Op.check("/m", 7), Op.delete("/m", -1))));
        Say.call("fails at once", () -> zk.multi(Arrays.asList(Op.delete("/missing", -1), Op.setData("/m", null, -1))));
        Say.call("is as before", () -> zk.getData("/m", false, null));
        Say.call("empty", () -> zk.multi(List.<Op>of()));
        Say.call("transaction", () -> zk.transaction()
            .create("/tx", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT).check("/tx", 0).delete("/tx", 0).commit());
        Say.call("reads", () -> zk.multi(Arrays.asList(Op.getData("/m"), Op.getChildren("/m"), Op.getData("/missing"),
            Op.getChildren("/zookeeper"))));
        Say.call("reads and writes", () -> {
            List<OpResult> results = zk.multi(Arrays.asList(Op.getData("/m"), Op.delete("/m/c", -1)));
            return results;
        });
        zk.close();
    }
}
