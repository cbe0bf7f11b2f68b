import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/** Authentication, ACLs, the superuser (super:test) and reconfig. */
final class Security implements Session.Section {

    @Override
    public void play(String hosts) throws Exception {
        ZooKeeper owner = Session.connect(hosts);
        ZooKeeper other = Session.connect(hosts);
        ZooKeeper boss = Session.connect(hosts);
        owner.addAuthInfo("digest", Say.bytes("user:password"));
        boss.addAuthInfo("digest", Say.bytes("super:test"));
        Say.call("who is the owner", () -> sorted(owner));
        Say.call("who is the boss", () -> sorted(boss));
        Say.call("create", () -> owner.create("/s", Say.bytes("secret"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        for (ZooKeeper zk : Arrays.asList(owner, other, boss)) {
            Say.call("get", () -> zk.getData("/s", false, null));
            Say.call("ACL", () -> zk.getACL("/s", new Stat()));
            Say.call("set", () -> zk.setData("/s", Say.bytes("x"), -1));
            Say.call("children", () -> zk.getChildren("/s", false));
            Say.call("create child", () -> zk.create("/s/c-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
            Say.call("exists", () -> zk.exists("/s", false));
        }
        String hash = DigestAuthenticationProvider.generateDigest("user:password");
        List<ACL> mixed = Arrays.asList(new ACL(Perms.READ | Perms.CREATE, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.ALL, new Id("digest", hash)));
        Say.call("set ACL", () -> owner.setACL("/s", mixed, 0));
        Say.call("set ACL at an old version", () -> owner.setACL("/s", mixed, 0));
        Say.call("set ACL by another", () -> other.setACL("/s", mixed, -1));
        Say.call("masked ACL", () -> other.getACL("/s", new Stat()));
        Say.call("read by another", () -> other.getData("/s", false, null));
        Say.call("write by another", () -> other.setData("/s", null, -1));
        Say.call("invalid ACL", () -> owner.setACL("/s", Collections.singletonList(new ACL(31, new Id("bad", "x"))), -1));
        Say.call("ip ACL", () -> owner.create("/ip", null, Collections.singletonList(new ACL(31, new Id("ip", "127.0.0.1/24"))), CreateMode.PERSISTENT));
        Say.call("reached by ip", () -> other.setData("/ip", null, -1));
        reconfig(other, boss);
        for (ZooKeeper zk : Arrays.asList(owner, other, boss)) {
            zk.close();
        }
    }

    private static List<String> sorted(ZooKeeper zk) throws Exception {
        List<String> told = new java.util.ArrayList<>();
        zk.whoAmI().forEach(info -> told.add(info.getAuthScheme() + ":" + info.getUser()));
        return Say.sorted(told);
    }

    private void reconfig(ZooKeeper other, ZooKeeper boss) throws Exception {
        for (ZooKeeper zk : Arrays.asList(other, boss)) {
            ZooKeeperAdmin admin = (ZooKeeperAdmin) zk;
            Say.call("reconfigure", () -> admin.reconfigure("server.2=127.0.0.1:1:2:participant;3", null, null, -1, new Stat()));
        }
        Say.call("config by another", () -> other.setData("/zookeeper/config", null, -1));
    }
}
