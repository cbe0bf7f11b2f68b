package programs;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.nio.charset.StandardCharsets;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;

/**
 * Watches the members of the cluster and prints each change once: Manager HOSTS ROOT.
 * Lines are "READY", "JOIN name czxid data" and "LEAVE name czxid".
 */
public final class Manager {

    private final Session session;
    private final String root;
    private final BlockingQueue<Object> changes = new LinkedBlockingQueue<>();
    /** The members: name and czxid, so that a member that returns under the same name counts as new. */
    private final Map<String, Long> members = new HashMap<>();

    private Manager(String hosts, String root) throws Exception {
        this.session = new Session(hosts);
        this.root = root;
        try {
            session.zk.create(root, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException earlierManager) {
            // It exists already.
        }
    }

    public static void main(String[] args) throws Exception {
        Manager manager = new Manager(args[0], args[1]);
        manager.look();
        System.out.println("READY");
        while (true) {
            manager.changes.take();
            manager.look();
        }
    }

    /** Compares the current members with the known ones, and sets a watch for the next change. */
    private void look() throws Exception {
        Map<String, Long> now = new HashMap<>();
        Map<String, String> about = new HashMap<>();
        for (String name : session.retry(() -> session.zk.getChildren(root, event -> changes.add(event)))) {
            Stat stat = new Stat();
            try {
                byte[] data = session.retry(() -> session.zk.getData(root + "/" + name, false, stat));
                now.put(name, stat.getCzxid());
                about.put(name, new String(data, StandardCharsets.UTF_8));
            } catch (KeeperException.NoNodeException goneAlready) {
                // It left between the two calls; the watch has fired.
            }
        }
        for (Map.Entry<String, Long> member : Map.copyOf(members).entrySet()) {
            if (!member.getValue().equals(now.get(member.getKey()))) {
                members.remove(member.getKey());
                System.out.println("LEAVE " + member.getKey() + " " + member.getValue());
            }
        }
        for (Map.Entry<String, Long> member : now.entrySet()) {
            if (members.putIfAbsent(member.getKey(), member.getValue()) == null) {
                System.out.println("JOIN " + member.getKey() + " " + member.getValue() + " " + about.get(member.getKey()));
            }
        }
    }
}
