package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;

/**
 * Curator's recipes, told what to do by lines of the standard input: CuratorPeer SERVERS KIND PATH [NAME]. It prints what has happened, one word a
 * line; the commands are in `run`.
 */
public class CuratorPeer {
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    public static void main(String[] args) throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.newClient(args[0], 6000, 6000, new ExponentialBackoffRetry(100, 10));
        client.start();
        client.blockUntilConnected();
        say("READY");
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
            switch (args[1]) {
                case "lock" -> lock(new InterProcessMutex(client, args[2]), in);
                case "read" -> lock(new InterProcessReadWriteLock(client, args[2]).readLock(), in);
                case "write" -> lock(new InterProcessReadWriteLock(client, args[2]).writeLock(), in);
                case "latch" -> latch(client, args[2], args[3], in);
                case "member" -> member(client, args[2], args[3], in);
                default -> discovery(client, args[2], args[3], in);
            }
        }
        client.close();
    }

    private static void lock(InterProcessMutex mutex, BufferedReader in) throws Exception {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("acquire")) {
                say("ASKED");
                say(mutex.acquire(60, TimeUnit.SECONDS) ? "HOLDS" : "LATE");
            } else {
                mutex.release();
                say("RELEASED");
            }
        }
    }

    private static void latch(CuratorFramework client, String path, String id, BufferedReader in) throws Exception {
        LeaderLatch latch = new LeaderLatch(client, path, id);
        latch.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {
                say("HOLDS");
            }

            @Override
            public void notLeader() {
                say("LOST");
            }
        });
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("acquire")) {
                latch.start();
                say("ASKED");
            } else {
                latch.close();
                say("RELEASED");
            }
        }
    }

    private static void member(CuratorFramework client, String path, String id, BufferedReader in) throws Exception {
        try (GroupMember member = new GroupMember(client, path, id)) {
            member.start();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                say("MEMBERS " + String.join(" ", new java.util.TreeSet<>(member.getCurrentMembers().keySet())));
            }
        }
    }

    private static void discovery(CuratorFramework client, String base, String name, BufferedReader in) throws Exception {
        ServiceDiscovery<String> discovery = ServiceDiscoveryBuilder.builder(String.class).client(client).basePath(base).build();
        discovery.start();
        ServiceCache<String> cache = discovery.serviceCacheBuilder().name(name).build();
        cache.start();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("offer ")) {
                discovery.registerService(
                        ServiceInstance.<String>builder().name(name).address("127.0.0.1").port(Integer.parseInt(line.substring(6))).payload("5").build());
                say("OFFERED");
            } else {
                StringBuilder found = new StringBuilder("FOUND");
                discovery.queryForInstances(name).stream().map(ServiceInstance::getPort).sorted().forEach(port -> found.append(' ').append(port));
                say(found.toString());
            }
        }
        discovery.close();
    }
}
