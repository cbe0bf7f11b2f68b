// Turns requests into transactions. All checks are made here, against the state after all transactions proposed before.
// A request that fails becomes an error transaction, which takes a zxid like any other.
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

// Messages for the operator's log that arose while preparing (a soft quota is exceeded).
using Notices = std::vector<std::string>;

// The input and output of an operation's prepare function.
struct Preparation {
  const Request& request;
  std::int64_t zxid;
  std::int64_t time_ms;
  const Rules& rules;
  const auth::Schemes& schemes;
  State& state;
  Outstanding& changes;
  // Whether the session may still write.
  bool session_open;
  // Strings that the transaction's views point to and that are owned here (sequential names, ephemerals to delete).
  std::vector<std::unique_ptr<std::string>>& owned;
  Notices& notices;
  // The bytes by which the transaction may still grow. They are charged while it is built, so that a too large one is
  // never created.
  std::size_t bytes_left;
  // The limit was exceeded: the whole request fails.
  bool is_too_large = false;

  // False if the transaction would be too large.
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
  // `txn_bytes_max`: the size that every reader of the log and every peer accepts, jute.maxbuffer plus its extra size.
  Preparer(State& state, const Rules& rules, const auth::Schemes& schemes, std::size_t txn_bytes_max)
      : state_(state), rules_(rules), schemes_(schemes), txn_bytes_max_(txn_bytes_max), changes_(state.tree) {}

  // A transaction, and the error to reply with. The error of a multi that failed is ok: its results contain the errors.
  struct Result {
    Txn txn;
    Error error = Error::ok;
    Notices notices;
  };
  // The result's views are valid until the next call, and only as long as the request is.
  Result prepare(const Request& request, Zxid zxid, std::int64_t time_ms, bool session_open);
  // The same for a request whose body cannot be decoded, or at which Apache's provider throws.
  Result refuse(const Request& request, Zxid zxid, std::int64_t time_ms, Error error);

  void applied(Zxid zxid) { changes_.applied(zxid.value()); }
  // The proposals that are not applied yet count no longer.
  void forget() { changes_.clear(); }
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
