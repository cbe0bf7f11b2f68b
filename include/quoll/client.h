// A client of ZooKeeper's servers, Apache's and Quoll's, whose calls wait for their result. No call throws; results say
// what happened.
//
//   auto client = quoll::zk::Client::open({.servers = "host1:2181,host2:2181"});
//   if (!client) return complain(client.error());
//   auto data = client->get("/a");
//   if (!data && data.error().code == quoll::zk::Code::no_node) ...
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quoll/types.h"

#if defined(__GNUC__)
#define QUOLL_API __attribute__((visibility("default")))
#else
#define QUOLL_API
#endif

namespace quoll::zk {

// TLS, with key stores as Java's clients use them: PEM, JKS or PKCS12, by the suffix of the file.
struct Tls {
  std::string trust_store;  // the certificates of those who may sign the servers'
  std::string trust_store_password = {};
  std::string key_store = {};  // this client's own key and certificate, if the servers ask for one
  std::string key_store_password = {};
  bool verify_host = true;  // the certificate must name the host that was connected to
};

// SASL DIGEST-MD5, as Java's clients have it from their JAAS file.
struct Login {
  std::string user;
  std::string password;
};

struct Options {
  // "host:port,host:port/chroot". Servers are tried in a random order; their names are resolved at each attempt.
  std::string servers = "localhost:2181";
  // What is asked for; servers grant between 2 and 20 of their ticks.
  std::chrono::milliseconds session_timeout{30'000};
  // The deadline of each call; 0: none. Even so, a call that finds no server fails after the session timeout.
  std::chrono::milliseconds request_timeout{0};
  // A server that has no quorum is accepted, for reading, until one with a quorum is found.
  bool read_only = false;
  // Nothing: plain connections.
  std::optional<Tls> tls = {};
  // Proven on each connection. auth_failed if the server refuses it.
  std::optional<Login> login = {};
};

// Receives events of the watches that are set with it, and changes of the session's state while it has any; keeps them,
// in order, until they are taken. Destroying it ends its watches. Any thread may use it, one at a time.
class QUOLL_API Watcher {
 public:
  Watcher();
  ~Watcher();
  Watcher(Watcher&&) noexcept;
  Watcher& operator=(Watcher&&) noexcept;

  // The next event, or nothing if none comes within this time.
  std::optional<Event> next(std::chrono::milliseconds patience);

 private:
  friend class Client;
  friend class Inside;
  class Queue;
  std::shared_ptr<Queue> queue_;
};

// Each client has a thread of its own, which keeps the session alive; any threads may make calls, several at once. A
// connection that is lost is replaced, and the session continues as long as a server is found before its timeout.
// Destroying the client ends the session, and with it its ephemeral znodes. Paths are absolute.
class QUOLL_API Client {
 public:
  // Returns when there is a session. Fails with bad_arguments if `servers` cannot be understood or a key store cannot
  // be read, and with connection_loss if no server was found within the session timeout.
  static Result<Client> open(const Options& options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // no_node: there is no parent. node_exists; no_children_for_ephemerals; no_auth; invalid_acl; quota_exceeded.
  Result<Created> create(const std::string& path, const Bytes& data = {}, const CreateOptions& options = {});
  // no_node; not_empty; bad_version; no_auth.
  Result<void> remove(const std::string& path, std::int32_t version = kAnyVersion);
  // Nothing if there is no such znode. `watcher`, here and below, hears of the next change, once; here also of the
  // creation. It may be null.
  Result<std::optional<Stat>> exists(const std::string& path, Watcher* watcher = nullptr);
  Result<NodeData> get(const std::string& path, Watcher* watcher = nullptr);
  Result<Stat> set(const std::string& path, const Bytes& data, std::int32_t version = kAnyVersion);
  Result<Children> children(const std::string& path, Watcher* watcher = nullptr);
  Result<NodeAcl> get_acl(const std::string& path);
  Result<Stat> set_acl(const std::string& path, const std::vector<Acl>& acl, std::int32_t version = kAnyVersion);
  // All of the operations happen, or none.
  Result<std::vector<OperationResult>> multi(const std::vector<Operation>& operations);
  // Returns when this client's server has caught up with everything that was committed before.
  Result<void> sync(const std::string& path);
  // `watcher` hears of every change of the znode and its children (persistent), or of the whole subtree (recursive),
  // until it is destroyed. After a reconnect it hears of the state, and must read what it may have missed.
  enum class WatchMode { persistent, recursive };
  Result<void> add_watch(const std::string& path, WatchMode mode, Watcher& watcher);
  // Sent to every server that this client connects to. auth_failed: the client is over.
  Result<void> add_auth(const std::string& scheme, const std::string& auth);

  [[nodiscard]] State state() const;
  [[nodiscard]] std::int64_t session_id() const;
  // Ends the session now. Later calls fail.
  void close();

 private:
  friend class Inside;  // of the other headers here
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
