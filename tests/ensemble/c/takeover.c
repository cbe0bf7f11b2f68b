// The work of takeover.py with Apache's C client. Standard input: resume, pause N, report N, end.
//
//   takeover HOSTS OWNER SESSION_TIMEOUT_MS
//
// This client has no persistent watches.
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

enum { path_bytes = 128, logged_max = 100000 };

static zhandle_t *zk;
static const char *owner;
// Guards all that follows.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool connected, working, ending;
static long acknowledged, unknown, expired, data, gap_ms;
static char *logged[logged_max];
static int logged_count;

static void fail(const char *what, int code) {
  fprintf(stderr, "%s: %s\n", what, zerror(code));
  exit(1);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_lost(int code) {
  return code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT;
}

static void on_state(zhandle_t *handle, int type, int state, const char *path, void *context) {
  (void)handle, (void)path, (void)context;
  if (type != ZOO_SESSION_EVENT) return;
  pthread_mutex_lock(&mutex);
  connected = state == ZOO_CONNECTED_STATE;
  expired += state == ZOO_EXPIRED_SESSION_STATE;
  pthread_mutex_unlock(&mutex);
}

// ---- The watch. It is set again only after it has told of a change: the library and the server carry it over to a new
// connection.

static void read_changed(void);

static void on_changed(zhandle_t *handle, int type, int state, const char *path, void *context) {
  (void)handle, (void)state, (void)path, (void)context;
  if (type == ZOO_CHANGED_EVENT) read_changed();
}

static void on_read(int code, const char *value, int length, const struct Stat *stat, const void *context) {
  (void)stat, (void)context;
  if (is_lost(code)) return read_changed();
  if (code != ZOK || length <= 0 || length > 20) return;
  char text[32] = {0};
  memcpy(text, value, (size_t)length);
  pthread_mutex_lock(&mutex);
  if (atol(text) > data) data = atol(text);
  pthread_mutex_unlock(&mutex);
}

static void read_changed(void) {
  const int code = zoo_awget(zk, "/changed", on_changed, NULL, on_read, NULL);
  if (code != ZOK) fail("the watch cannot be set", code);
}

// ---- The writes.

// Returns false if it is not known whether it was done, or if somebody else was faster.
static bool increment(void) {
  char value[32] = {0};
  int length = sizeof value - 1;
  struct Stat stat;
  if (zoo_get(zk, "/counter", 0, value, &length, &stat) != ZOK || length < 0) {
    usleep(10000);
    return false;
  }
  value[length] = '\0';
  char next[32];
  const int next_length = snprintf(next, sizeof next, "%ld", atol(value) + 1);
  const int code = zoo_set(zk, "/counter", next, next_length, stat.version);
  if (code == ZBADVERSION) return false;
  pthread_mutex_lock(&mutex);
  if (code == ZOK) {
    ++acknowledged;
  } else {
    ++unknown;
  }
  pthread_mutex_unlock(&mutex);
  return code == ZOK;
}

static void append_to_log(void) {
  static const char bytes[100];
  char path[path_bytes];
  char made[path_bytes];
  snprintf(path, sizeof path, "/log/%s-", owner);
  // If the connection is lost it may be there or not: nothing was promised.
  if (zoo_create(zk, path, bytes, sizeof bytes, &ZOO_OPEN_ACL_UNSAFE, ZOO_SEQUENCE, made, sizeof made) != ZOK) return;
  pthread_mutex_lock(&mutex);
  if (logged_count < logged_max) logged[logged_count++] = strdup(made);
  pthread_mutex_unlock(&mutex);
}

// Held while a write is under way, so that `pause` returns after the last one.
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static bool read_flag(const bool *flag) {
  pthread_mutex_lock(&mutex);
  const bool value = *flag;
  pthread_mutex_unlock(&mutex);
  return value;
}

static void *work(void *unused) {
  (void)unused;
  long last_ms = now_ms();
  while (!read_flag(&ending)) {
    pthread_mutex_lock(&writing);
    const bool goes_on = read_flag(&working);
    if (goes_on && increment()) {
      if (acknowledged % 10 == 0) append_to_log();
      pthread_mutex_lock(&mutex);
      const long gap = now_ms() - last_ms;
      if (gap > gap_ms) gap_ms = gap;
      pthread_mutex_unlock(&mutex);
      last_ms = now_ms();
    }
    pthread_mutex_unlock(&writing);
    usleep(10000);  // few enough writes that the trees can be compared in seconds
    if (!goes_on) last_ms = now_ms();
  }
  return NULL;
}

// ---- What takeover.py asks.

static void report(const char *number) {
  pthread_mutex_lock(&mutex);
  printf("report %s session=%lld acknowledged=%ld unknown=%ld expired=%ld data=%ld gap_ms=%ld logged=", number,
         (long long)zoo_client_id(zk)->client_id, acknowledged, unknown, expired, data, gap_ms);
  for (int i = 0; i < logged_count; ++i) printf("%s%s", i == 0 ? "" : ",", logged[i]);
  printf("\n");
  fflush(stdout);
  pthread_mutex_unlock(&mutex);
}

static void set_working(bool value) {
  pthread_mutex_lock(&writing);
  pthread_mutex_lock(&mutex);
  working = value;
  if (value) gap_ms = 0;
  pthread_mutex_unlock(&mutex);
  pthread_mutex_unlock(&writing);
}

static void listen_to_orders(void) {
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char word[16] = "";
    char number[16] = "";
    sscanf(line, "%15s %15s", word, number);
    if (strcmp(word, "end") == 0) break;
    if (strcmp(word, "resume") == 0) {
      set_working(true);
      continue;
    }
    if (strcmp(word, "pause") == 0) set_working(false);
    report(number);
  }
  pthread_mutex_lock(&mutex);
  ending = true;
  pthread_mutex_unlock(&mutex);
}

static void create_ephemeral(const char *form, int flags) {
  char path[path_bytes];
  snprintf(path, sizeof path, form, owner);
  const int code = zoo_create(zk, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, flags, NULL, 0);
  if (code != ZOK) fail(path, code);
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: takeover HOSTS OWNER SESSION_TIMEOUT_MS\n");
    return 2;
  }
  owner = arguments[2];
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  zk = zookeeper_init(arguments[1], on_state, atoi(arguments[3]), NULL, NULL, 0);
  if (zk == NULL) fail("zookeeper_init", ZSYSTEMERROR);
  while (!read_flag(&connected)) usleep(10000);
  create_ephemeral("/alive-%s", ZOO_EPHEMERAL);
  create_ephemeral("/lock/%s-", ZOO_EPHEMERAL | ZOO_SEQUENCE);
  read_changed();
  printf("ready\n");
  fflush(stdout);
  pthread_t worker;
  pthread_create(&worker, NULL, work, NULL);
  listen_to_orders();
  pthread_join(worker, NULL);
  return zookeeper_close(zk) == ZOK ? 0 : 1;
}
