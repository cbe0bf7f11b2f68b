// From a request to a transaction: all checks happen here, against the state as it will be when everything proposed
// before has been applied. A request that fails becomes an error transaction, which takes a zxid as any other.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "machine/outstanding.h"
#include "machine/request.h"
#include "machine/rules.h"
#include "machine/state.h"
#include "types/error.h"
#include "types/txn.h"
#include "types/txn_bytes.h"

namespace quoll::machine {

// A notice for the log of people that came up while preparing (a soft quota exceeded).
using Notices = std::vector<std::string>;

// What an operation sees while it prepares one request.
struct Preparation {
  const Request& request;
  std::int64_t zxid;
  std::int64_t time_ms;
  const Rules& rules;
  const auth::Schemes& schemes;
  State& state;
  Outstanding& changes;
  // Is the session one that may still write?
  bool session_open;
  // Strings that the transaction's views point to and that no one else owns (sequential names, ephemerals to delete).
  std::vector<std::unique_ptr<std::string>>& owned;
  Notices& notices;
  // What the transaction may still grow by. Charged while it is being built: what is too large is never made.
  std::size_t bytes_left;
  // It would have grown by more: the request fails as a whole.
  bool is_too_large = false;

  // False: it is too large.
  [[nodiscard]] bool charge(std::size_t bytes) {
    is_too_large = is_too_large || bytes > bytes_left;
    if (is_too_large) return false;
    bytes_left -= bytes;
    return true;
  }
  [[nodiscard]] bool charge(const TxnBody& body) { return charge(body_bytes(body)); }

  std::string_view own(std::string text) { return *owned.emplace_back(std::make_unique<std::string>(std::move(text))); }
};

using Prepared = std::expected<TxnBody, Error>;

class Preparer {
 public:
  // `txn_bytes_max`: what every reader of the log and every peer takes, jute.maxbuffer and its extra size together.
  Preparer(State& state, const Rules& rules, const auth::Schemes& schemes, std::size_t txn_bytes_max)
      : state_(state), rules_(rules), schemes_(schemes), txn_bytes_max_(txn_bytes_max), changes_(state.tree) {}

  // Always gives a transaction; `error` says what to answer (ok for a multi that failed inside: its results tell).
  struct Result {
    Txn txn;
    Error error = Error::ok;
    Notices notices;
  };
  // The result's views live until the next call and as long as the request.
  Result prepare(const Request& request, Zxid zxid, std::int64_t time_ms, bool session_open);
  // The same for a request whose body can't be read or breaks a provider.
  Result refuse(const Request& request, Zxid zxid, std::int64_t time_ms, Error error);

  void applied(Zxid zxid) { changes_.applied(zxid.value()); }
  [[nodiscard]] const Outstanding& outstanding() const { return changes_; }

 private:
  void attach_digest(Txn& txn) const;
  [[nodiscard]] std::size_t bytes_left_for_body() const;

  State& state_;
  const Rules& rules_;
  const auth::Schemes& schemes_;
  std::size_t txn_bytes_max_;
  Outstanding changes_;
  std::vector<std::unique_ptr<std::string>> owned_;
};

}  // namespace quoll::machine
