package programs;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;

/**
 * Registers members of a cluster, each with a session of its own: Members HOSTS ROOT NAME...
 * They stay until standard input has a line "leave", or until the process is killed.
 */
public final class Members {

    private Members() {
    }

    public static void main(String[] args) throws Exception {
        List<Session> sessions = new ArrayList<>();
        for (String name : List.of(args).subList(2, args.length)) {
            Session session = new Session(args[0]);
            byte[] about = ("data of " + name).getBytes(StandardCharsets.UTF_8);
            session.zk.create(args[1] + "/" + name, about, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            sessions.add(session);
        }
        System.out.println("REGISTERED");
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        for (Session session : sessions) {
            session.close();
        }
        System.out.println("LEFT");
    }
}
