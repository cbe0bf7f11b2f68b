import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** The five kinds of watch, their removal, and the events that a sequence of changes causes. */
final class Watches implements Session.Section {

    private ZooKeeper writer;
    private ZooKeeper reader;

    @Override
    public void play(String hosts) throws Exception {
        writer = Session.connect(hosts);
        reader = Session.connect(hosts);
        Say.forget();
        oneShot();
        for (AddWatchMode mode : AddWatchMode.values()) {
            added(mode);
        }
        together();
        removal();
        reader.close();
        writer.close();
    }

    private void node(String path) throws Exception {
        writer.create(path, Say.bytes("0"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    private void course(String root) throws Exception {
        node(root);
        Say.events("create", reader);
        node(root + "/c");
        Say.events("create child", reader);
        writer.setData(root + "/c", Say.bytes("1"), -1);
        Say.events("set child", reader);
        node(root + "/c/g");
        Say.events("create grandchild", reader);
        writer.setData(root, Say.bytes("1"), -1);
        Say.events("set", reader);
        writer.setACL(root, Ids.OPEN_ACL_UNSAFE, -1);
        Say.events("set ACL", reader);
        writer.delete(root + "/c/g", -1);
        Say.events("delete grandchild", reader);
        writer.delete(root + "/c", -1);
        Say.events("delete child", reader);
        writer.delete(root, -1);
        Say.events("delete", reader);
    }

    private void oneShot() throws Exception {
        Say.call("exists", () -> reader.exists("/w1", Say.WATCHER));
        course("/w1");
        node("/w2");
        Say.call("data", () -> reader.getData("/w2", Say.WATCHER, null));
        Say.call("children", () -> reader.getChildren("/w2", Say.WATCHER));
        node("/w2/c");
        Say.events("create child", reader);
        writer.setData("/w2", null, -1);
        Say.events("set", reader);
        Say.call("data again", () -> reader.getData("/w2/c", Say.WATCHER, null));
        Say.call("children again", () -> reader.getChildren("/w2/c", Say.WATCHER));
        Say.call("parent's children again", () -> reader.getChildren("/w2", Say.WATCHER));
        writer.delete("/w2/c", -1);
        Say.events("delete", reader);
    }

    private void added(AddWatchMode mode) throws Exception {
        String root = "/a-" + mode.name().toLowerCase();
        Say.call("add " + mode, () -> { reader.addWatch(root, Say.WATCHER, mode); return "done"; });
        course(root);
        course(root);
        Say.call("remove", () -> { reader.removeWatches(root, Say.WATCHER, WatcherType.Any, false); return "done"; });
        Say.events("removed", reader);
        course(root);
    }

    private void together() throws Exception {
        for (AddWatchMode mode : AddWatchMode.values()) {
            reader.addWatch("/both", event -> Say.WATCHER.process(event), mode);
        }
        reader.exists("/both", event -> Say.WATCHER.process(event));
        course("/both");
        reader.removeAllWatches("/both", WatcherType.Any, false);
        Say.events("all removed", reader);
    }

    private void removal() throws Exception {
        node("/r");
        for (WatcherType type : WatcherType.values()) {
            Say.call("remove " + type + " without one", () -> { reader.removeAllWatches("/r", type, false); return "done"; });
            Say.call("remove mine " + type + " without one", () -> { reader.removeWatches("/r", Say.WATCHER, type, false); return "done"; });
        }
        for (WatcherType type : WatcherType.values()) {
            Watcher other = event -> Say.WATCHER.process(event);
            reader.getData("/r", Say.WATCHER, null);
            reader.getData("/r", other, null);
            reader.getChildren("/r", Say.WATCHER);
            reader.addWatch("/r", Say.WATCHER, AddWatchMode.PERSISTENT);
            reader.addWatch("/r", other, AddWatchMode.PERSISTENT_RECURSIVE);
            Say.call("remove mine " + type, () -> { reader.removeWatches("/r", Say.WATCHER, type, false); return "done"; });
            Say.events("after", reader);
            Say.call("remove all " + type, () -> { reader.removeAllWatches("/r", type, false); return "done"; });
            Say.events("after", reader);
            writer.setData("/r", null, -1);
            node("/r/" + type);
            Say.events("changes", reader);
        }
        Say.call("remove locally", () -> { reader.removeAllWatches("/r", WatcherType.Any, true); return "done"; });
        Say.events("after", reader);
    }
}
