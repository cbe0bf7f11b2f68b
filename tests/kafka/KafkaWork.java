import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Executes commands from standard input on Kafka, one per line, and prints one line for each:
 * create TOPIC PARTITIONS REPLICATION | produce TOPIC FROM TO | consume TOPIC TO | isr TOPIC COUNT | delete TOPIC
 */
public final class KafkaWork {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private final Map<String, Object> common;

    private KafkaWork(String bootstrap) {
        common = Map.of("bootstrap.servers", bootstrap);
    }

    public static void main(String[] args) throws Exception {
        KafkaWork work = new KafkaWork(args[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                System.out.println("OK " + work.run(line.split(" ")));
            } catch (Exception problem) {
                problem.printStackTrace();
                System.out.println("FAILED " + problem);
            }
        }
    }

    private String run(String[] words) throws Exception {
        String topic = words[1];
        switch (words[0]) {
            case "create": return create(topic, Integer.parseInt(words[2]), Short.parseShort(words[3]));
            case "produce": return produce(topic, Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "consume": return consume(topic, Integer.parseInt(words[2]));
            case "isr": return awaitInSync(topic, Integer.parseInt(words[2]));
            case "delete": return delete(topic);
            default: throw new IllegalArgumentException(words[0]);
        }
    }

    private String create(String topic, int partitions, short replication) throws Exception {
        try (Admin admin = Admin.create(common)) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, replication))).all().get();
        }
        return "created";
    }

    private String produce(String topic, int from, int to) throws Exception {
        Map<String, Object> config = with(Map.of("acks", "all", "linger.ms", "5"));
        List<Future<?>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                 new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
            }
            for (Future<?> one : sent) {
                one.get();
            }
        }
        return "produced " + sent.size();
    }

    /** Reads from the start until value-0 to value-(to - 1) have all arrived. */
    private String consume(String topic, int to) {
        Map<String, Object> config = with(Map.of("group.id", "readers", "auto.offset.reset", "earliest"));
        Set<String> seen = new HashSet<>();
        long records = 0;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaConsumer<String, String> consumer =
                 new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (seen.size() < to) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("saw " + seen.size() + " of " + to);
                }
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    records++;
                    int number = Integer.parseInt(record.value().substring("value-".length()));
                    if (number < 0 || number >= to || !record.key().equals("key-" + number)) {
                        throw new IllegalStateException("nobody wrote " + record);
                    }
                    seen.add(record.value());
                }
            }
            consumer.commitSync();
        }
        return "consumed " + seen.size() + " in " + records + " records";
    }

    private String awaitInSync(String topic, int replicas) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Admin admin = Admin.create(common)) {
            while (true) {
                TopicDescription about = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
                List<Integer> inSync = about.partitions().stream().map(p -> p.isr().size()).collect(Collectors.toList());
                if (inSync.stream().allMatch(size -> size == replicas)) {
                    return "in sync " + inSync;
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("in sync only " + inSync);
                }
                Thread.sleep(100);
            }
        }
    }

    private String delete(String topic) throws Exception {
        try (Admin admin = Admin.create(common)) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
        return "deleted";
    }

    private Map<String, Object> with(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(common);
        all.putAll(more);
        return all;
    }
}
