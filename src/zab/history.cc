#include "zab/history.h"

#include <algorithm>

#include "base/check.h"

namespace quoll::zab {

History::History(Zxid last, std::vector<Entry> newest, Limits limits)
    : limits_(limits), base_(last), last_flushed_(last), last_delivered_(last) {
  if (newest.empty()) return;
  QUOLL_CHECK(newest.back().zxid == last, "the newest entries reach up to the last transaction");
  // Of the first one only the predecessor within its epoch is known. That of the first entry of an epoch is older.
  const Zxid first = newest.front().zxid;
  std::size_t from = 0;
  if (first.counter() == 1) {
    from = 1;
    base_ = first;
  } else {
    base_ = Zxid{first.value() - 1};
  }
  for (; from < newest.size(); ++from) {
    QUOLL_CHECK(follows(this->last(), newest[from].zxid), "recovered entries follow one another");
    bytes_ += newest[from].record->size();
    entries_.push_back(std::move(newest[from]));
  }
  trim();
}

void History::append(Zxid zxid, Record record) {
  QUOLL_CHECK(follows(last(), zxid), "a history has no hole");
  bytes_ += record->size();
  entries_.push_back(Entry{zxid, std::move(record)});
}

void History::on_flushed(Zxid up_to) {
  QUOLL_CHECK(up_to <= last(), "only what was appended can be flushed");
  last_flushed_ = std::max(last_flushed_, up_to);
}

std::vector<Entry> History::deliver(Zxid committed) {
  std::vector<Entry> due;
  for_each(last_delivered_, std::min(committed, last_flushed_), [&](const Entry& entry) { due.push_back(entry); });
  if (!due.empty()) {
    last_delivered_ = due.back().zxid;
    trim();
  }
  return due;
}

bool History::truncate(Zxid to) {
  QUOLL_CHECK(is_settled(), "a log is cut only when nothing is being written to it");
  QUOLL_CHECK(to <= last(), "a log is cut at a transaction that it has");
  while (!entries_.empty() && entries_.back().zxid > to) {
    bytes_ -= entries_.back().record->size();
    entries_.pop_back();
  }
  if (to < base_) base_ = to;
  last_flushed_ = last();
  const bool is_ahead = last_delivered_ > to;
  if (is_ahead) last_delivered_ = last();
  return is_ahead;
}

void History::replace(Zxid at) {
  entries_.clear();
  bytes_ = 0;
  base_ = last_flushed_ = last_delivered_ = at;
}

std::size_t History::index_behind(Zxid zxid) const {
  const auto at = std::ranges::upper_bound(entries_, zxid, {}, &Entry::zxid);
  return static_cast<std::size_t>(at - entries_.begin());
}

std::optional<Zxid> History::floor(Zxid zxid) const {
  if (zxid < base_) return std::nullopt;
  const std::size_t behind = index_behind(zxid);
  return behind == 0 ? base_ : entries_[behind - 1].zxid;
}

const Entry* History::after(Zxid zxid) const {
  const std::size_t behind = index_behind(zxid);
  return behind < entries_.size() ? &entries_[behind] : nullptr;
}

void History::trim() {
  while (entries_.size() > limits_.entries_min && entries_.front().zxid <= last_delivered_ &&
         (bytes_ > limits_.bytes_max || entries_.size() > 2 * limits_.entries_min)) {
    base_ = entries_.front().zxid;
    bytes_ -= entries_.front().record->size();
    entries_.pop_front();
  }
}

void History::check_invariants() const {
  QUOLL_CHECK(base_ <= last_delivered_, "what is not delivered is kept");
  QUOLL_CHECK(last_delivered_ <= last_flushed_, "nothing is applied that is not on disk");
  QUOLL_CHECK(last_flushed_ <= last(), "nothing is flushed that was not appended");
  Zxid previous = base_;
  std::size_t bytes = 0;
  for (const Entry& entry : entries_) {
    QUOLL_CHECK(follows(previous, entry.zxid), "a history has no hole");
    previous = entry.zxid;
    bytes += entry.record->size();
  }
  QUOLL_CHECK(bytes == bytes_, "the bytes of the entries are counted");
}

}  // namespace quoll::zab
